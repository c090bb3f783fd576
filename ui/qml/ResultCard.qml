pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Telecabine

// A settled result: what, from which device, when, and how far it came.
Card {
    id: card
    required property var row
    readonly property bool pending: row.state === "pending"
    readonly property var icons: ({"pending": "help", "confirmed": "check", "kept": "lock", "sent": "send", "seen": "eye", "rejected": "cross"})
    readonly property string text: state_.text

    objectName: "kept-" + row.id
    implicitHeight: inside.implicitHeight + 36
    border.width: pending ? 2 : 1
    border.color: pending ? Theme.accent : Theme.line

    ColumnLayout {
        id: inside
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        anchors.margins: 18
        spacing: 8

        Values {
            Layout.fillWidth: true
            values: card.row.values
            faded: card.row.state === "rejected"
        }
        Txt {
            Layout.fillWidth: true
            text: card.row.device + " · " + card.row.taken
            font.pixelSize: Math.round(16 * Theme.scale)
            color: Theme.inkSoft
            wrapMode: Text.NoWrap
            elide: Text.ElideRight
        }
        Repeater {
            model: card.row.remarks.filter(key => Say.flag(key) !== "")
            RowLayout {
                id: remark
                required property string modelData
                Layout.fillWidth: true
                spacing: 8
                Icon {
                    Layout.alignment: Qt.AlignTop
                    implicitWidth: 24
                    implicitHeight: 24
                    name: "info"
                    ink: Theme.accent
                }
                Txt {
                    Layout.fillWidth: true
                    text: Say.what(remark.modelData) + (card.pending && Say.todo(remark.modelData) !== "" ? ". " + Say.todo(remark.modelData) : "")
                    font.pixelSize: Theme.small
                }
            }
        }
        RowLayout {
            Layout.fillWidth: true
            spacing: 10
            Icon {
                implicitWidth: 26
                implicitHeight: 26
                name: card.icons[card.row.state]
                ink: card.row.state === "seen" ? Theme.good : Theme.accent
            }
            Txt {
                id: state_
                objectName: "keptState-" + card.row.id
                Layout.fillWidth: true
                text: Say.t("kept-" + card.row.state) + (card.row.state === "seen" && card.row.seen_at !== "" ? " " + card.row.seen_at : "")
                font.pixelSize: Theme.small
                font.weight: Font.DemiBold
                color: card.row.state === "seen" ? Theme.good : Theme.ink
            }
        }
        RowLayout {
            visible: card.pending
            Layout.fillWidth: true
            spacing: 10
            BigButton {
                objectName: "reject-" + card.row.id
                Layout.fillWidth: true
                Layout.preferredWidth: 100
                kind: "quiet"
                icon_: "redo"
                pixelSize: Theme.body
                leftPadding: 8
                rightPadding: 8
                text: Say.t("retake")
                onClicked: Booth.confirm(card.row.id, false)
            }
            BigButton {
                objectName: "confirm-" + card.row.id
                Layout.fillWidth: true
                Layout.preferredWidth: 100
                kind: "primary"
                icon_: "check"
                pixelSize: Theme.body
                leftPadding: 8
                rightPadding: 8
                text: Say.t("confirm")
                onClicked: Booth.confirm(card.row.id, true)
            }
        }
    }
}
