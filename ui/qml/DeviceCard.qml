pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Telecabine

// One instrument: its state, its live values, its curve, and in words what disturbs it. `compact` beside the video.
Card {
    id: card
    required property var row
    property bool compact: false
    readonly property DeviceLive live: Booth.live(row.key)
    readonly property bool running: live.values.length > 0
    readonly property var shown: live.values.filter(value => !["signal-strength", "perfusion-index", "battery", "pleth"].includes(value.vital))
    readonly property string trouble: live.freshness === "stale" ? "stale"
        : live.flags.find(flag => Say.flag(flag) !== "") ?? (running && live.freshness === "live" ? "" : row.message)
    readonly property string text: row.name + " " + state_.text + " " + said.text

    objectName: "device-" + row.key
    implicitHeight: inside.implicitHeight + 2 * inside.anchors.margins
    color: row.state === "absent" ? "transparent" : Theme.surface

    ColumnLayout {
        id: inside
        anchors.fill: parent
        anchors.margins: card.compact ? 16 : 22
        spacing: card.compact ? 4 : 10

        RowLayout {
            Layout.fillWidth: true
            spacing: 10
            Icon {
                implicitWidth: 28
                implicitHeight: 28
                name: card.row.state === "absent" ? "cross" : "device"
                ink: card.row.state === "absent" ? Theme.inkFaint : Theme.accent
            }
            Txt {
                Layout.fillWidth: true
                text: card.row.name
                font.weight: Font.DemiBold
                font.pixelSize: card.compact ? Theme.small : Theme.body
                wrapMode: Text.NoWrap
                elide: Text.ElideRight
            }
            Txt {
                id: state_
                visible: !card.running
                text: Say.t("state-" + card.row.state)
                font.pixelSize: Theme.small
                color: Theme.inkSoft
                wrapMode: Text.NoWrap
            }
        }
        Flow {
            visible: card.running
            Layout.fillWidth: true
            spacing: card.compact ? 24 : 36
            Repeater {
                model: card.shown
                Column {
                    id: tile
                    required property var modelData
                    Row {
                        spacing: 8
                        Txt {
                            id: number
                            objectName: "live-" + card.row.key + "-" + tile.modelData.vital
                            text: Say.number(tile.modelData.text)
                            font.pixelSize: card.compact ? Math.round(40 * Theme.scale) : Theme.value
                            font.weight: Font.Bold
                            color: card.live.freshness === "live" ? Theme.ink : "#7c8d95"
                            wrapMode: Text.NoWrap
                            Accessible.name: Say.vital(tile.modelData.vital) + " " + (tile.modelData.text !== "" ? text + " " + tile.modelData.unit : Say.what(tile.modelData.absent))
                        }
                        Txt {
                            anchors.baseline: number.baseline
                            text: Say.unit(tile.modelData.unit)
                            color: Theme.inkSoft
                            font.pixelSize: Theme.small
                            wrapMode: Text.NoWrap
                        }
                    }
                    Txt {
                        text: Say.vital(tile.modelData.vital)
                        color: Theme.inkSoft
                        font.pixelSize: Theme.small
                        wrapMode: Text.NoWrap
                    }
                }
            }
        }
        StripItem {
            id: strip
            objectName: "strip-" + card.row.key
            Layout.fillWidth: true
            Layout.preferredHeight: card.compact ? 44 : 72
            visible: filled
            buffer: card.live.curve
            ink: Theme.accent
        }
        Txt {
            id: said
            Layout.fillWidth: true
            visible: text !== ""
            text: {
                if (card.trouble === "stale")
                    return Say.t("stale")
                const what = Say.what(card.trouble)
                const todo = Say.todo(card.trouble)
                return todo === "" ? what : what === state_.text ? todo : what + ". " + todo
            }
            color: Theme.inkSoft
            font.pixelSize: Theme.small
        }
        Item {
            Layout.fillHeight: true
        }
    }
}
