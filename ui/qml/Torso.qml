pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Controls.Basic
import Telecabine

// Front or back of a chest with the points for a stethoscope. Left and right are the patient's own.
Item {
    id: torso
    required property bool back
    readonly property var front_: [["front-upper-right", 0.33, 0.26], ["front-upper-left", 0.67, 0.26], ["aortic", 0.41, 0.43], ["pulmonary", 0.59, 0.43],
        ["tricuspid", 0.52, 0.62], ["mitral", 0.70, 0.66], ["front-lower-right", 0.31, 0.72], ["front-lower-left", 0.68, 0.86]]
    readonly property var back_: [["back-upper-left", 0.36, 0.30], ["back-upper-right", 0.64, 0.30], ["back-middle-left", 0.35, 0.54], ["back-middle-right", 0.65, 0.54],
        ["back-lower-left", 0.34, 0.78], ["back-lower-right", 0.66, 0.78]]
    implicitWidth: 350
    implicitHeight: 392

    Image {
        width: parent.width
        height: 356
        sourceSize: Qt.size(width, height)
        source: "data:image/svg+xml;utf8," + encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 190" preserveAspectRatio="none">'
            + '<path fill="' + Theme.accentSoft + '" stroke="#8aa0aa" stroke-width="1.5" d="M78 4 Q80 22 62 30 Q26 38 16 56 Q8 84 12 128 L34 128 Q36 100 40 84 L42 186 L158 186 L160 84 Q164 100 166 128 L188 128 Q192 84 184 56 Q174 38 138 30 Q120 22 122 4 Z"/>'
            + '<path fill="none" stroke="#a9bcc5" stroke-dasharray="3 3" d="M100 36 L100 ' + (torso.back ? 182 : 128) + '"/></svg>')
    }
    Repeater {
        model: torso.back ? torso.back_ : torso.front_
        AbstractButton {
            id: point
            required property var modelData
            readonly property string site: modelData[0]
            readonly property bool chosen: Booth.auscultation.site === site
            readonly property bool asked: Booth.auscultation.asked === site
            objectName: "site-" + site
            x: modelData[1] * torso.width - width / 2
            y: modelData[2] * 356 - height / 2
            width: 60
            height: 60
            Accessible.name: Say.t("site-" + site)
            onClicked: Booth.auscultation.place(site)
            background: Rectangle {
                radius: 30
                color: point.chosen ? Theme.accent : Theme.surface
                border.width: point.asked ? 6 : 2
                border.color: Theme.accent
                Rectangle {
                    visible: point.visualFocus
                    anchors.fill: parent
                    anchors.margins: -6
                    radius: 36
                    color: "transparent"
                    border.width: 3
                    border.color: Theme.ink
                }
            }
        }
    }
    Txt {
        anchors.bottom: parent.bottom
        anchors.horizontalCenter: parent.horizontalCenter
        text: Say.t(torso.back ? "torso-back" : "torso-front")
        font.pixelSize: Theme.small
        color: Theme.inkSoft
    }
}
