pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Telecabine

Sheet {
    panelWidth: 980
    title: Say.t("consents")
    Repeater {
        model: [["act", ""], ["sharing", "withdrawSharing"], ["photos", "withdrawPhotos"]]
        RowLayout {
            id: line
            required property var modelData
            readonly property string subject: modelData[0]
            readonly property bool given: Booth.consents[subject] === true
            Layout.fillWidth: true
            spacing: 20
            Icon {
                name: line.given ? "check" : "cross"
                ink: line.given ? Theme.good : Theme.inkFaint
            }
            ColumnLayout {
                Layout.fillWidth: true
                spacing: 2
                Txt {
                    Layout.fillWidth: true
                    text: Say.t("consent-" + line.subject) + Say.t("colon") + Say.t(line.given ? "accepted" : "refused")
                    font.weight: Font.DemiBold
                }
                Txt {
                    Layout.fillWidth: true
                    text: line.modelData[1] === "" ? Say.t("consent-act-stop") : Say.t("consent-" + line.subject + "-line")
                    color: Theme.inkSoft
                }
            }
            BigButton {
                visible: line.modelData[1] !== ""
                objectName: line.modelData[1]
                pixelSize: Theme.body
                text: Say.t(line.given ? "withdraw" : "give")
                Accessible.name: text + Say.t("colon") + Say.t("consent-" + line.subject)
                onClicked: Booth.consent(line.subject, !line.given)
            }
        }
    }
    Txt {
        text: Say.t("consent-recording")
        color: Theme.inkSoft
    }
    Txt {
        text: Say.t("present")
        font.weight: Font.DemiBold
    }
    RowLayout {
        spacing: 20
        Repeater {
            model: ["helper", "companion", "second-professional"]
            BigButton {
                required property string modelData
                readonly property bool here: Booth.present.includes(modelData)
                objectName: "person-" + modelData
                pixelSize: Theme.small
                icon_: here ? "check" : ""
                text: Say.t("role-" + modelData) + Say.t("colon") + Say.t(here ? "person-here" : "person-away")
                onClicked: Booth.person(modelData, !here)
            }
        }
    }
    BigButton {
        objectName: "consentsClose"
        Layout.alignment: Qt.AlignRight
        kind: "primary"
        text: Say.t("close")
        onClicked: Ui.sheet = ""
    }
}
