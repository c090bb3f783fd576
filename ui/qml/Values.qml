pragma ComponentBehavior: Bound
import QtQuick
import Telecabine

// Numbers with their units and names, side by side; "—" and why where there is none.
Flow {
    id: flow
    property var values: []
    property bool faded: false
    spacing: 24
    Repeater {
        model: flow.values
        Column {
            id: tile
            required property var modelData
            Row {
                spacing: 8
                Txt {
                    id: number
                    text: Say.number(tile.modelData.text)
                    font.pixelSize: Math.round(36 * Theme.scale)
                    font.weight: Font.Bold
                    color: flow.faded ? Theme.inkFaint : Theme.ink
                    wrapMode: Text.NoWrap
                }
                Txt {
                    anchors.baseline: number.baseline
                    text: tile.modelData.text === "" ? "" : Say.unit(tile.modelData.unit)
                    color: Theme.inkSoft
                    font.pixelSize: Theme.small
                    wrapMode: Text.NoWrap
                }
            }
            Txt {
                width: Math.min(implicitWidth, flow.width)
                text: Say.vital(tile.modelData.vital) + (tile.modelData.text === "" ? Say.t("colon") + Say.what(tile.modelData.absent) : "")
                color: Theme.inkSoft
                font.pixelSize: Theme.small
            }
        }
    }
}
