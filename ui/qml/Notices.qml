pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Telecabine

// What the booth has to say, calm: words and what to do next. At most two at a time.
ColumnLayout {
    id: notices
    objectName: "notices"
    readonly property string text: Booth.notices.map(says).join("\n")
    function says(key: string): string {
        const device = Booth.about[key]
        return Say.what(key) + (device ? Say.t("colon") + device : "")
    }
    spacing: 8
    visible: Booth.notices.length > 0
    Repeater {
        model: Booth.notices.slice(0, 2)
        Rectangle {
            id: notice
            required property string modelData
            Layout.fillWidth: true
            implicitHeight: Math.max(56, words.implicitHeight + 20)
            radius: 12
            color: Theme.accentSoft
            border.width: 1
            border.color: Theme.accent
            Icon {
                id: sign
                x: 16
                anchors.verticalCenter: parent.verticalCenter
                name: "info"
                ink: Theme.accent
            }
            RowLayout {
                id: words
                anchors.left: sign.right
                anchors.right: parent.right
                anchors.margins: 14
                anchors.verticalCenter: parent.verticalCenter
                spacing: 20
                Txt {
                    Layout.maximumWidth: 520
                    text: notices.says(notice.modelData)
                    font.pixelSize: Theme.small
                    font.weight: Font.Bold
                }
                Txt {
                    Layout.fillWidth: true
                    text: Say.todo(notice.modelData)
                    font.pixelSize: Theme.small
                }
            }
        }
    }
}
