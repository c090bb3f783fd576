pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Layouts
import Telecabine

// Written messages both ways, and the field to write one.
Card {
    id: conversation
    ColumnLayout {
        anchors.fill: parent
        anchors.margins: 14
        spacing: 10
        ListView {
            id: list
            objectName: "texts"
            readonly property string text: currentItem ? currentItem.text : ""
            currentIndex: count - 1
            Layout.fillWidth: true
            Layout.fillHeight: true
            clip: true
            spacing: 8
            model: Booth.texts
            boundsBehavior: Flickable.StopAtBounds
            onCountChanged: Qt.callLater(positionViewAtEnd)
            onHeightChanged: Qt.callLater(positionViewAtEnd)
            delegate: Item {
                id: line
                required property var row
                readonly property string text: row.text
                readonly property bool mine: row.author === "booth"
                width: ListView.view.width
                height: bubble.height
                Rectangle {
                    id: bubble
                    anchors.right: line.mine ? parent.right : undefined
                    anchors.left: line.mine ? undefined : parent.left
                    width: Math.min(parent.width * 0.9, Math.max(words.implicitWidth, from.implicitWidth) + 32)
                    height: words.height + from.height + 18
                    radius: 14
                    color: line.mine ? Theme.accentSoft : Theme.ground
                    border.width: 1
                    border.color: Theme.line
                    Txt {
                        id: from
                        x: 16
                        y: 8
                        width: bubble.width - 32
                        elide: Text.ElideRight
                        text: (line.mine ? Say.t("me") : line.row.author === "guest" ? Booth.visit.name || Say.t("role-guest") : Booth.call.specialist !== "" ? Booth.call.specialist : Say.t("specialist-unknown")) + " · " + line.row.at
                        font.pixelSize: Math.round(15 * Theme.scale)
                        color: Theme.inkSoft
                        wrapMode: Text.NoWrap
                    }
                    Txt {
                        id: words
                        x: 16
                        anchors.top: from.bottom
                        width: bubble.width - 32
                        text: line.row.text
                        font.pixelSize: Theme.body
                        wrapMode: Text.Wrap
                    }
                }
            }
            Txt {
                visible: list.count === 0
                width: list.width
                text: Say.t("conversation-none")
                color: Theme.inkSoft
                font.pixelSize: Theme.small
            }
        }
        RowLayout {
            Layout.fillWidth: true
            spacing: 10
            TextField {
                id: input
                objectName: "textInput"
                readonly property string padKind: "text"
                Layout.fillWidth: true
                implicitHeight: 72
                leftPadding: 16
                font.pixelSize: Theme.body
                color: Theme.ink
                placeholderText: Say.t("message-hint")
                placeholderTextColor: Theme.inkFaint
                maximumLength: 500
                Accessible.name: Say.t("message-hint")
                onPressed: Ui.field = input
                onActiveFocusChanged: if (activeFocus) Ui.field = input
                Component.onDestruction: if (Ui.field === input) Ui.field = null
                onAccepted: send.click()
                onTextChanged: if (activeFocus) Booth.drafting(text)
                background: Rectangle {
                    radius: 12
                    color: Theme.surface
                    border.width: input.activeFocus ? 3 : 2
                    border.color: input.activeFocus ? Theme.accent : Theme.line
                }
            }
            BigButton {
                id: send
                objectName: "textSend"
                tall: 72
                kind: "primary"
                icon_: "send"
                leftPadding: 8
                rightPadding: 8
                Accessible.name: Say.t("send")
                enabled: input.text.trim() !== ""
                onClicked: if (Booth.say(input.text)) input.clear()
            }
        }
    }
}
