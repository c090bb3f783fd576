pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Telecabine

// Which exam camera the helper takes in hand.
Sheet {
    title: Say.t("exam-choice")
    Txt {
        Layout.fillWidth: true
        text: Say.t("exam-choice-line")
        color: Theme.inkSoft
        font.pixelSize: Theme.lead
    }
    RowLayout {
        Layout.fillWidth: true
        Layout.topMargin: 12
        spacing: Theme.gap
        Repeater {
            model: Booth.exam.cameras
            BigButton {
                required property string modelData
                objectName: "take-" + modelData
                Layout.fillWidth: true
                icon_: "eye"
                text: Say.t("exam-" + modelData)
                onClicked: {
                    Ui.sheet = ""
                    Booth.exam.take(modelData)
                }
            }
        }
    }
    BigButton {
        objectName: "examChoiceClose"
        Layout.alignment: Qt.AlignRight
        kind: "quiet"
        text: Say.t("close")
        onClicked: Ui.sheet = ""
    }
}
