import QtQuick
import QtQuick.Layouts
import Telecabine

// The specialist would like a guest: the patient says yes or no before anybody is invited.
Sheet {
    panelWidth: 980
    title: Say.t("guest-question").replace("{0}", Booth.call.specialist !== "" ? Booth.call.specialist : Say.t("specialist-unknown"))
    Txt {
        objectName: "guestQuestion"
        Layout.fillWidth: true
        text: Say.t("guest-question-line")
        color: Theme.inkSoft
        font.pixelSize: Theme.lead
    }
    RowLayout {
        Layout.fillWidth: true
        Layout.topMargin: 24
        spacing: Theme.gap
        BigButton {
            objectName: "guestNo"
            icon_: "cross"
            text: Say.t("refuse")
            onClicked: Booth.guest(false)
        }
        Item {
            Layout.fillWidth: true
        }
        BigButton {
            objectName: "guestYes"
            icon_: "check"
            text: Say.t("accept")
            onClicked: Booth.guest(true)
        }
    }
}
