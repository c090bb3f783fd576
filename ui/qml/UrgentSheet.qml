import QtQuick
import QtQuick.Layouts

Sheet {
    panelWidth: 1100
    EmergencyAdvice {
        Layout.fillWidth: true
    }
    BigButton {
        objectName: "urgentClose"
        Layout.alignment: Qt.AlignRight
        Layout.topMargin: 12
        text: Say.t("close")
        onClicked: Ui.sheet = ""
    }
}
