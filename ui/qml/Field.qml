import QtQuick
import QtQuick.Controls.Basic

// A labelled field for the pad of the screen. padKind: "letters", "date", "text" or "code".
Column {
    id: field
    property string label: ""
    property string hint: ""
    property string padKind: "letters"
    property string inputName: ""
    property bool bad: false
    property int pixelSize: Theme.lead
    property alias text: input.text
    property alias input: input
    spacing: 8

    Txt {
        text: field.label
        color: Theme.inkSoft
        font.pixelSize: Theme.small
        Accessible.ignored: true
    }
    TextField {
        id: input
        objectName: field.inputName
        readonly property string padKind: field.padKind
        width: field.width
        height: 72
        leftPadding: 20
        font.pixelSize: field.pixelSize
        font.weight: Font.Medium
        color: Theme.ink
        placeholderText: field.hint
        placeholderTextColor: Theme.inkFaint
        selectionColor: Theme.accent
        maximumLength: 80
        Accessible.name: field.label
        onPressed: Ui.field = input
        onActiveFocusChanged: if (activeFocus) Ui.field = input
        Component.onDestruction: if (Ui.field === input) Ui.field = null
        background: Rectangle {
            radius: 12
            color: Theme.surface
            border.width: input.activeFocus ? 3 : 2
            border.color: field.bad ? Theme.stop : input.activeFocus ? Theme.accent : Theme.line
        }
    }
}
