import QtQuick
import QtQuick.Layouts
import Telecabine

// The specialist wants to keep what was just heard: the patient says yes or no.
Sheet {
    title: Say.t("keep-sound")
    Txt {
        Layout.fillWidth: true
        text: Say.t("keep-sound-line").replace("%1", Booth.auscultation.keep).replace("%2", Booth.auscultation.site === "" ? "" : Say.t("site-" + Booth.auscultation.site))
    }
    Txt {
        Layout.fillWidth: true
        text: Say.t("keep-sound-else")
        color: Theme.inkSoft
    }
    RowLayout {
        Layout.fillWidth: true
        spacing: 20
        BigButton {
            objectName: "keepSoundNo"
            icon_: "cross"
            text: Say.t("keep-sound-no")
            onClicked: Booth.auscultation.permit(false)
        }
        Item {
            Layout.fillWidth: true
        }
        BigButton {
            objectName: "keepSoundYes"
            kind: "primary"
            icon_: "check"
            text: Say.t("keep-sound-yes")
            onClicked: Booth.auscultation.permit(true)
        }
    }
}
