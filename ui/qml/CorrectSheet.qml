import QtQuick
import QtQuick.Layouts
import Telecabine

// One trait was typed wrong: the identity as it should be, whole.
Sheet {
    panelWidth: 1240
    title: Say.t("identity-correct")
    Component.onCompleted: form.start()
    Txt {
        Layout.fillWidth: true
        text: Say.t("identity-correct-line")
        color: Theme.inkSoft
    }
    IdentityForm {
        id: form
        Layout.fillWidth: true
        onSent: Ui.sheet = ""
    }
    RowLayout {
        Layout.fillWidth: true
        spacing: Theme.gap
        BigButton {
            objectName: "correctCancel"
            kind: "quiet"
            icon_: "back"
            text: Say.t("cancel")
            onClicked: Ui.sheet = ""
        }
        Txt {
            Layout.fillWidth: true
            text: form.wrong === "" ? "" : Say.t(form.wrong)
            color: Theme.stop
            font.weight: Font.DemiBold
            horizontalAlignment: Text.AlignRight
            Accessible.role: Accessible.AlertMessage
        }
        BigButton {
            objectName: "correctConfirm"
            kind: "primary"
            icon_: "check"
            text: Say.t("identity-confirm")
            onClicked: form.confirm()
        }
    }
}
