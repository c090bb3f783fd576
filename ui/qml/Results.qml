pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Telecabine

// What was measured: first what waits for the helper's word (to confirm, not this patient's yet), then kept, sent, seen. `live` puts the devices between.
Flickable {
    id: results
    property bool live: false
    clip: true
    contentWidth: width
    contentHeight: column.implicitHeight
    boundsBehavior: Flickable.StopAtBounds

    ColumnLayout {
        id: column
        width: results.width
        spacing: 12
        Card {
            objectName: "alone"
            readonly property string text: Say.t("alone")
            visible: Booth.identity.alone
            Layout.fillWidth: true
            implicitHeight: alone.implicitHeight + 44
            ColumnLayout {
                id: alone
                anchors.left: parent.left
                anchors.right: parent.right
                anchors.verticalCenter: parent.verticalCenter
                anchors.margins: 22
                spacing: 8
                Txt {
                    Layout.fillWidth: true
                    text: Say.t("alone")
                    font.weight: Font.Bold
                    font.pixelSize: Theme.lead
                }
                Txt {
                    Layout.fillWidth: true
                    text: Say.t("alone-line")
                    color: Theme.inkSoft
                    font.pixelSize: Theme.small
                }
            }
        }
        Repeater {
            id: pending
            model: Booth.pending
            ResultCard {
                Layout.fillWidth: true
            }
        }
        Repeater {
            id: old
            model: Booth.unattributed
            OldCard {
                Layout.fillWidth: true
            }
        }
        Repeater {
            model: results.live ? Booth.devices : null
            DeviceCard {
                Layout.fillWidth: true
                compact: true
                visible: row.state !== "absent" || live.freshness !== "gone"
            }
        }
        Repeater {
            model: Booth.identity.alone ? [] : Booth.exam.photos
            PhotoCard {
                Layout.fillWidth: true
            }
        }
        Repeater {
            id: kept
            model: Booth.kept
            ResultCard {
                Layout.fillWidth: true
            }
        }
        Txt {
            Layout.fillWidth: true
            visible: !results.live && pending.count + kept.count + old.count === 0
            text: Say.t("results-none")
            color: Theme.inkSoft
        }
    }
}
