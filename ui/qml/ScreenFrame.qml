import QtQuick
import QtQuick.Layouts
import Telecabine

// Frame of a screen: title, one line under it, what it is about, and the row of actions.
ColumnLayout {
    id: screen
    property string title: ""
    property string line: ""
    property alias actions: actions.data
    property alias body: body.data
    spacing: Theme.gap

    Txt {
        visible: text !== ""
        Layout.fillWidth: true
        text: screen.title
        font.pixelSize: Theme.title
        font.weight: Font.Bold
        Accessible.role: Accessible.Heading
    }
    Txt {
        objectName: "screenLine"
        visible: text !== "" && Booth.notices.length === 0
        Layout.fillWidth: true
        Layout.topMargin: -10
        text: screen.line
        color: Theme.inkSoft
    }
    Item {
        id: body
        Layout.fillWidth: true
        Layout.fillHeight: true
    }
    RowLayout {
        id: actions
        Layout.fillWidth: true
        spacing: Theme.gap
        visible: children.length > 0
    }
}
