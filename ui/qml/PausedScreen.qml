import QtQuick
import QtQuick.Layouts
import Telecabine

ScreenFrame {
    body: Centered {
        icon: "pause"
        title: Say.t("paused")
        line: Say.t("paused-line")
    }
    actions: [
        BigButton {
            objectName: "endConsultation"
            kind: "stop"
            text: Say.t("end")
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
            onClicked: Booth.pause(false)
        }
    ]
}
