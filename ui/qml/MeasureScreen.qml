import QtQuick
import QtQuick.Layouts
import Telecabine

ScreenFrame {
    title: Say.t("measure")
    line: Say.t("measure-line")
    body: RowLayout {
        anchors.fill: parent
        spacing: 28
        ColumnLayout {
            Layout.fillWidth: true
            Layout.fillHeight: true
            spacing: Theme.gap
            Devices {
                Layout.fillWidth: true
                Layout.fillHeight: true
            }
            BigButton {
                objectName: "stethoscope"
                visible: Booth.auscultation.there
                icon_: "stethoscope"
                text: Say.t("stethoscope")
                checked: Booth.auscultation.state !== "off"
                onClicked: {
                    Booth.auscultation.place(Booth.auscultation.site)
                    Ui.sheet = "stethoscope"
                }
            }
        }
        ColumnLayout {
            Layout.preferredWidth: 420
            Layout.maximumWidth: 420
            Layout.fillHeight: true
            spacing: Theme.gap
            Results {
                Layout.fillWidth: true
                Layout.fillHeight: true
            }
            CodeButtons {
                Layout.fillWidth: true
            }
            NetworkLine {
                Layout.fillWidth: true
            }
            BigButton {
                objectName: "roomCheck"
                Layout.fillWidth: true
                tall: Theme.targetSmall
                pixelSize: Theme.body
                icon_: "camera"
                text: Say.t("room-check-short")
                onClicked: Booth.exam.check(true)
            }
        }
    }
    actions: [
        BigButton {
            objectName: "endConsultation"
            kind: "quiet"
            text: Say.t("end")
            onClicked: Ui.sheet = "end"
        },
        BigButton {
            objectName: "consents"
            kind: "quiet"
            text: Say.t("consents")
            onClicked: Ui.sheet = "consents"
        },
        Item {
            Layout.fillWidth: true
        },
        BigButton {
            objectName: "enterWaiting"
            kind: "primary"
            icon_: "next"
            text: Say.t("enter-waiting")
            onClicked: Booth.enterWaiting()
        }
    ]
}
