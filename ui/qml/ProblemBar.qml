import QtQuick
import QtQuick.Layouts
import Telecabine

// Why a card, a code or what was typed gave nobody, and the way out: the agent's own sentences.
Rectangle {
    id: bar
    objectName: "problem"
    readonly property var problem: Booth.identity.problem
    readonly property string text: problem[Words.language] + " " + problem[Words.language + "_do"]
    visible: problem[Words.language] !== ""
    implicitHeight: words.implicitHeight + 28
    radius: 12
    color: Theme.surface
    border.width: 2
    border.color: Theme.accent
    Accessible.role: Accessible.AlertMessage
    Accessible.name: text
    Icon {
        id: sign
        x: 18
        anchors.verticalCenter: parent.verticalCenter
        name: "info"
        ink: Theme.accent
    }
    ColumnLayout {
        id: words
        anchors.left: sign.right
        anchors.right: parent.right
        anchors.margins: 16
        anchors.verticalCenter: parent.verticalCenter
        spacing: 2
        Txt {
            Layout.fillWidth: true
            text: bar.problem[Words.language]
            font.weight: Font.Bold
        }
        Txt {
            Layout.fillWidth: true
            text: bar.problem[Words.language + "_do"]
        }
    }
}
