pragma Singleton
import QtQuick

// What is only about this glass: which sheet is open, which field is typed into, the size of the text.
QtObject {
    property string sheet: ""
    property bool large: false
    property Item field: null

    function done() {
        if (field)
            field.focus = false
        field = null
    }
}
