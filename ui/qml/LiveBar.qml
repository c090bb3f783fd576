pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Telecabine

// The live numbers of all devices over the video: they stay in sight whatever the lists beside it hold.
Rectangle {
    id: bar
    property bool stacked: false // one device below the other, where something else needs the width
    width: numbers.implicitWidth + 40
    height: numbers.implicitHeight + 20
    radius: 14
    color: "#f2ffffff"
    opacity: numbers.implicitWidth > 0 ? 1 : 0
    Accessible.ignored: true

    GridLayout {
        id: numbers
        anchors.centerIn: parent
        columns: bar.stacked ? 1 : 100
        columnSpacing: 28
        rowSpacing: 0
        Repeater {
            model: Booth.devices
            RowLayout {
                id: device
                required property var row
                readonly property DeviceLive live: Booth.live(row.key)
                spacing: 24
                visible: live.freshness !== "gone"
                Repeater {
                    model: device.live.values.filter(value => ["spo2", "pulse-rate", "temperature", "cuff-pressure", "blood-pressure", "heart-rate"].includes(value.vital))
                    RowLayout {
                        id: tile
                        required property var modelData
                        spacing: 8
                        Txt {
                            Layout.alignment: Qt.AlignBaseline
                            text: Say.number(tile.modelData.text)
                            font.pixelSize: Math.round(36 * Theme.scale)
                            font.weight: Font.Bold
                            color: device.live.freshness === "live" ? Theme.ink : "#7c8d95"
                            wrapMode: Text.NoWrap
                        }
                        Txt {
                            Layout.alignment: Qt.AlignBaseline
                            text: Say.unit(tile.modelData.unit) + " " + Say.vital(tile.modelData.vital)
                            font.pixelSize: Theme.small
                            color: Theme.inkSoft
                            wrapMode: Text.NoWrap
                        }
                    }
                }
            }
        }
    }
}
