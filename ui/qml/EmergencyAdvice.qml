pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts

// The same guidance behind the header's button and after a "yes" in the stop list.
ColumnLayout {
    spacing: 20
    Txt {
        Layout.fillWidth: true
        text: Say.t("emergency")
        color: Theme.stop
        font.pixelSize: Math.round(60 * Theme.scale)
        font.weight: Font.Bold
        Accessible.role: Accessible.Heading
    }
    Repeater {
        model: 4
        RowLayout {
            id: step
            required property int index
            Layout.fillWidth: true
            spacing: 20
            Rectangle {
                implicitWidth: 52
                implicitHeight: 52
                radius: 26
                color: Theme.stopSoft
                Txt {
                    anchors.centerIn: parent
                    text: step.index + 1
                    color: Theme.stop
                    font.weight: Font.Bold
                }
            }
            Txt {
                Layout.fillWidth: true
                text: Say.t("emergency-" + (step.index + 1))
                font.pixelSize: Theme.lead
            }
        }
    }
    Txt {
        Layout.fillWidth: true
        text: Say.t("emergency-not-here")
        color: Theme.inkSoft
    }
}
