import QtQuick
import QtQuick.Layouts
import Telecabine

// A photograph that the patient has let go: by which camera, of what, and how far it came. The picture itself is not kept here.
Card {
    id: card
    required property var modelData
    objectName: "photo-" + modelData.id
    readonly property string text: state_.text
    implicitHeight: inside.implicitHeight + 36
    ColumnLayout {
        id: inside
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        anchors.margins: 18
        spacing: 6
        Txt {
            Layout.fillWidth: true
            text: Say.t("photo") + Say.t("colon") + Say.t("exam-name-" + card.modelData.camera) + (card.modelData.site === "" ? "" : ", " + Say.t("site-" + card.modelData.site).toLowerCase())
            font.weight: Font.DemiBold
        }
        RowLayout {
            spacing: 10
            Icon {
                implicitWidth: 26
                implicitHeight: 26
                name: ({"kept": "lock", "sent": "send", "seen": "eye"})[card.modelData.state] ?? ""
                ink: card.modelData.state === "seen" ? Theme.good : Theme.accent
            }
            Txt {
                id: state_
                Layout.fillWidth: true
                text: Say.t("kept-" + card.modelData.state)
                font.pixelSize: Theme.small
                color: card.modelData.state === "seen" ? Theme.good : Theme.ink
            }
        }
    }
}
