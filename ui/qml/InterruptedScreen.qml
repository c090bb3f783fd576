import QtQuick
import QtQuick.Layouts
import Telecabine

ScreenFrame {
    body: Centered {
        icon: "info"
        title: Say.t("interrupted")
        line: Say.t("interrupted-line")
    }
    actions: [
        BigButton {
            objectName: "endConsultation"
            kind: "stop"
            icon_: "erase"
            text: Say.t("erase")
            onClicked: Ui.sheet = "end"
        },
        Item {
            Layout.fillWidth: true
        },
        BigButton {
            objectName: "resume"
            kind: "primary"
            icon_: "play"
            text: Say.t("resume")
            onClicked: Booth.identity.askAgain(true)
        }
    ]
}
