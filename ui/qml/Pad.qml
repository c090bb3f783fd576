pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts

// The booth's own keyboard, French layout; digits beside it, or nothing but digits in groups (kind "code"). It types into Ui.field.
Rectangle {
    id: pad
    property bool closable: true
    signal closed
    readonly property string kind: Ui.field ? Ui.field.padKind : "letters"
    readonly property bool capital: !Ui.field || Ui.field.text === "" || /[.?!] $/.test(Ui.field.text)
    color: Theme.accentSoft
    radius: Theme.radius
    implicitHeight: 312

    function type(character: string) {
        const field = Ui.field
        if (!field)
            return
        if (kind === "code") {
            field.text = grouped(field.text + character)
            return
        }
        field.insert(field.cursorPosition, character)
        if (kind === "date" && (field.text.length === 2 || field.text.length === 5) && field.cursorPosition === field.text.length)
            field.insert(field.cursorPosition, "/")
    }
    function grouped(text: string): string {
        const digits = text.replace(/\D/g, "").slice(0, 11)
        return [digits.slice(0, 5), digits.slice(5, 8), digits.slice(8)].filter(group => group !== "").join(" ")
    }
    function back() {
        const field = Ui.field
        if (!field)
            return
        if (kind === "code")
            field.text = field.text.replace(/ ?\d$/, "")
        else if (field.selectedText !== "")
            field.remove(field.selectionStart, field.selectionEnd)
        else if (field.cursorPosition > 0)
            field.remove(field.cursorPosition - (kind === "date" && field.text[field.cursorPosition - 1] === "/" ? Math.min(2, field.cursorPosition) : 1), field.cursorPosition)
    }

    component Key: Rectangle {
        id: key
        property string character: ""
        property string shown: character
        property string drawing: ""
        signal tapped
        Layout.fillWidth: true
        Layout.fillHeight: true
        Layout.preferredWidth: 60
        radius: 10
        objectName: "padKey-" + character.toUpperCase()
        color: press.pressed ? Theme.accent : Theme.surface
        Accessible.role: Accessible.Button
        Accessible.name: shown
        Accessible.onPressAction: key.tapped()
        Text {
            visible: key.drawing === ""
            anchors.centerIn: parent
            text: key.shown
            color: press.pressed ? "#ffffff" : Theme.ink
            font.pixelSize: pad.kind === "code" ? Theme.title : Theme.lead
            font.weight: Font.Medium
            Accessible.ignored: true
        }
        Icon {
            visible: key.drawing !== ""
            anchors.centerIn: parent
            name: key.drawing
            ink: press.pressed ? "#ffffff" : Theme.ink
        }
        MouseArea {
            id: press
            anchors.fill: parent
            onClicked: key.tapped()
        }
    }

    RowLayout {
        anchors.fill: parent
        anchors.margins: 12
        spacing: 16

        ColumnLayout {
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 900
            spacing: 8
            visible: pad.kind !== "code"
            enabled: pad.kind !== "date"
            opacity: enabled ? 1 : 0.35
            Repeater {
                model: ["azertyuiop", "qsdfghjklm", "wxcvbn'-éè", "àâçêëîïôùû"]
                RowLayout {
                    id: line
                    required property string modelData
                    Layout.fillWidth: true
                    Layout.fillHeight: true
                    spacing: 8
                    Repeater {
                        model: line.modelData.split("")
                        Key {
                            required property string modelData
                            character: pad.kind !== "text" || pad.capital ? modelData.toUpperCase() : modelData
                            onTapped: pad.type(character)
                        }
                    }
                }
            }
        }
        ColumnLayout {
            Layout.fillHeight: true
            Layout.preferredWidth: 270
            Layout.fillWidth: true
            spacing: 8
            Repeater {
                model: ["123", "456", "789"]
                RowLayout {
                    id: digits
                    required property string modelData
                    spacing: 8
                    Repeater {
                        model: digits.modelData.split("")
                        Key {
                            required property string modelData
                            enabled: pad.kind !== "letters"
                            opacity: enabled ? 1 : 0.35
                            character: modelData
                            onTapped: pad.type(character)
                        }
                    }
                }
            }
            RowLayout {
                spacing: 8
                Key {
                    enabled: pad.kind === "text" || pad.kind === "date"
                    opacity: enabled ? 1 : pad.kind === "code" ? 0 : 0.35
                    character: pad.kind === "text" ? "?" : "/"
                    onTapped: pad.type(character)
                }
                Key {
                    enabled: pad.kind !== "letters"
                    opacity: enabled ? 1 : 0.35
                    character: "0"
                    onTapped: pad.type(character)
                }
                Key {
                    enabled: pad.kind === "text"
                    opacity: enabled ? 1 : pad.kind === "code" ? 0 : 0.35
                    character: "."
                    onTapped: pad.type(character)
                }
            }
        }
        ColumnLayout {
            Layout.fillHeight: true
            Layout.preferredWidth: 170
            spacing: 8
            Key {
                objectName: "padBackspace"
                shown: Say.t("pad-backspace")
                drawing: "erase"
                onTapped: pad.back()
            }
            Key {
                objectName: "padSpace"
                visible: pad.kind !== "code"
                enabled: pad.kind !== "date"
                opacity: enabled ? 1 : 0.35
                shown: Say.t("pad-space")
                onTapped: pad.type(" ")
            }
            Key {
                visible: pad.closable
                objectName: "padDone"
                shown: Say.t("pad-done")
                onTapped: pad.closed()
            }
        }
    }
}
