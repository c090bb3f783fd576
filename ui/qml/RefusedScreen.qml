import QtQuick
import QtQuick.Layouts
import Telecabine

ScreenFrame {
    body: Centered {
        icon: "person"
        title: Say.t("no-consent")
        line: Say.t("no-consent-line")
    }
    actions: [
        BigButton {
            objectName: "consentAgain"
            kind: "quiet"
            icon_: "back"
            text: Say.t("consent-again")
            onClicked: Booth.consentAgain()
        },
        Item {
            Layout.fillWidth: true
        },
        BigButton {
            objectName: "refusedEnd"
            kind: "primary"
            text: Say.t("finish")
            onClicked: Booth.end()
        }
    ]
}
