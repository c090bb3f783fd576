import QtQuick
import QtQuick.Layouts
import Telecabine

// The guest of the specialist, as long as there is one, and the patient's way to be without.
RowLayout {
    id: bar
    readonly property string state_: Booth.visit.state
    visible: state_ !== "" && state_ !== "asked"
    spacing: 16
    Icon {
        name: "person"
        ink: Theme.accent
    }
    Txt {
        objectName: "guest"
        Layout.fillWidth: true
        text: (Booth.visit.name !== "" ? Booth.visit.name + " " : "") + Say.t("visit-" + bar.state_)
        font.pixelSize: Theme.small
        font.weight: Font.DemiBold
    }
    BigButton {
        objectName: "guestDismiss"
        kind: "quiet"
        tall: Theme.targetSmall
        pixelSize: Theme.small
        text: bar.state_ === "invited" ? Say.t("guest-withdraw") : Say.t("guest-dismiss")
        onClicked: Booth.guest(false)
    }
}
