import QtQuick
import QtQuick.Layouts
import Telecabine

Sheet {
    title: Say.t("end-question")
    Txt {
        Layout.fillWidth: true
        text: Say.t("end-question-line")
        color: Theme.inkSoft
        font.pixelSize: Theme.lead
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
                Ui.sheet = ""
                Booth.end()
            }
        }
    }
}
