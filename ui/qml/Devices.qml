pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Telecabine

// The cards of all instruments, two in a row where there is room.
Flickable {
    id: devices
    property int columns: 2
    clip: true
    contentWidth: width
    contentHeight: Math.max(grid.implicitHeight, height)
    boundsBehavior: Flickable.StopAtBounds
    GridLayout {
        id: grid
        width: devices.width
        columns: devices.columns
        columnSpacing: Theme.gap
        rowSpacing: Theme.gap
        uniformCellWidths: true
        Repeater {
            id: cards
            model: Booth.devices
            DeviceCard {
                Layout.fillWidth: true
                Layout.fillHeight: true
                Layout.minimumHeight: 200
            }
        }
    }
    Column {
        visible: cards.count === 0
        spacing: 8
        width: devices.width
        Txt {
            text: Say.t("no-devices")
            font.weight: Font.DemiBold
        }
        Txt {
            width: parent.width
            text: Say.t("no-devices-do")
            color: Theme.inkSoft
        }
    }
}
