import QtQuick
import QtQuick.Layouts
import Telecabine

Sheet {
    id: sheet
    property bool copy: false
    title: Say.t("end-question")
    onVisibleChanged: copy = false
    Txt {
        Layout.fillWidth: true
        text: Say.t("end-question-line")
        color: Theme.inkSoft
        font.pixelSize: Theme.lead
    }
    BigButton {
        objectName: "endCopy"
        visible: Booth.copies && Booth.identity.status !== ""
        pixelSize: Theme.body
        icon_: checked ? "check" : ""
        checked: sheet.copy
        text: Say.t("copy")
        Accessible.role: Accessible.CheckBox
        Accessible.checked: checked
        onClicked: sheet.copy = !sheet.copy
    }
    RowLayout {
        Layout.fillWidth: true
        Layout.topMargin: 24
        spacing: Theme.gap
        BigButton {
            objectName: "endCancel"
            kind: "quiet"
            icon_: "back"
            text: Say.t("cancel")
            onClicked: Ui.sheet = ""
        }
        Item {
            Layout.fillWidth: true
        }
        BigButton {
            objectName: "endConfirm"
            kind: "stop"
            text: Say.t("end-confirm")
            onClicked: {
                const copy = sheet.copy
                Ui.sheet = ""
                Booth.end(copy)
            }
        }
    }
}
