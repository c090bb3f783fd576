import QtQuick
import QtQuick.Layouts
import Telecabine

// The way in by a doctor's code, and the way out of it.
ColumnLayout {
    spacing: Theme.gap
    BigButton {
        objectName: "doctorCode"
        Layout.fillWidth: true
        kind: Booth.code === "refused" ? "primary" : "plain"
        text: Booth.code === "" ? Say.t("doctor-code") : Say.t("doctor-code-again")
        onClicked: Ui.sheet = "code"
    }
    BigButton {
        objectName: "withoutCode"
        Layout.fillWidth: true
        visible: Booth.code !== ""
        kind: "quiet"
        text: Say.t("without-code")
        onClicked: Booth.withoutCode()
    }
}
