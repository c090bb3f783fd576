import QtQuick
import QtQuick.Layouts
import Telecabine

// The code that a doctor has given the patient: typed on big digits, or scanned.
Sheet {
    id: sheet
    readonly property bool whole: code.text.replace(/\D/g, "").length === 11
    panelWidth: 760
    title: Say.t("code-title")
    Component.onCompleted: {
        code.input.forceActiveFocus()
        Ui.field = code.input
    }
    Txt {
        Layout.fillWidth: true
        text: Say.t("code-line")
        color: Theme.inkSoft
    }
    Field {
        id: code
        Layout.fillWidth: true
        label: Say.t("code-label")
        hint: "12345 678 901"
        padKind: "code"
        inputName: "codeInput"
        pixelSize: Math.round(44 * Theme.scale)
    }
    Pad {
        Layout.fillWidth: true
        closable: false
    }
    RowLayout {
        Layout.fillWidth: true
        spacing: Theme.gap
        BigButton {
            objectName: "codeCancel"
            kind: "quiet"
            icon_: "back"
            text: Say.t("cancel")
            onClicked: Ui.sheet = ""
        }
        Item {
            Layout.fillWidth: true
        }
        BigButton {
            objectName: "codeConfirm"
            kind: "primary"
            icon_: "check"
            enabled: sheet.whole
            text: Say.t("code-confirm")
            onClicked: {
                const text = code.text
                Ui.sheet = ""
                Booth.doctorCode(text)
            }
        }
    }
}
