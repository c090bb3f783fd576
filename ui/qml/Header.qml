import QtQuick
import QtQuick.Layouts
import Telecabine

Rectangle {
    id: header
    color: Booth.training ? Theme.accent : Theme.surface
    implicitHeight: 88
    readonly property color ink: Booth.training ? "#ffffff" : Theme.ink
    readonly property color soft: Booth.training ? "#ffffff" : Theme.inkSoft

    Rectangle {
        anchors.bottom: parent.bottom
        width: parent.width
        height: 2
        color: Theme.accent
    }
    component HeaderButton: BigButton {
        tall: Theme.targetSmall
        pixelSize: Theme.body
        leftPadding: 18
        rightPadding: 18
    }
    RowLayout {
        anchors.fill: parent
        anchors.leftMargin: Theme.edge
        anchors.rightMargin: Theme.edge
        spacing: 12

        ColumnLayout {
            Layout.fillWidth: true
            spacing: 0
            Txt {
                objectName: "pharmacy"
                Layout.fillWidth: true
                text: Booth.pharmacy !== "" ? Booth.pharmacy : "telecabine"
                color: header.ink
                font.weight: Font.DemiBold
                font.pixelSize: Theme.lead
                fontSizeMode: Text.HorizontalFit
                minimumPixelSize: 16
                elide: Text.ElideRight
                wrapMode: Text.NoWrap
            }
            RowLayout {
                Layout.fillWidth: true
                spacing: 10
                visible: patient.text !== ""
                Txt {
                    id: patient
                    objectName: "patient"
                    text: Booth.agentUp ? Booth.patient : ""
                    color: header.soft
                    font.pixelSize: Theme.small
                    font.weight: Font.DemiBold
                    wrapMode: Text.NoWrap
                }
                Txt {
                    objectName: "identityStatus"
                    Layout.fillWidth: true
                    readonly property string guardian: Booth.identity.guardian === "" ? "" : " · " + (Booth.identity.guardian === "none" ? Say.t("guardian-alone") : Say.t("guardian-with") + " " + Booth.identity.guardian)
                    text: Booth.identity.status === "" ? "" : Say.t("status-" + Booth.identity.status) + guardian
                    color: header.soft
                    font.pixelSize: Theme.small
                    elide: Text.ElideRight
                    wrapMode: Text.NoWrap
                }
            }
        }
        Rectangle {
            visible: Booth.training
            implicitWidth: trainingText.implicitWidth + 36
            implicitHeight: 48
            radius: 24
            color: "#ffffff"
            Txt {
                id: trainingText
                objectName: "training"
                anchors.centerIn: parent
                text: Say.t("training")
                color: Theme.accent
                font.weight: Font.Bold
            }
        }
        Row {
            spacing: 10
            Layout.rightMargin: 12
            Icon {
                anchors.verticalCenter: parent.verticalCenter
                width: 30
                height: 30
                ink: header.ink
                weight: 3
                name: ({"line-good": "bars-3", "line-connected": "bars-3", "line-fair": "bars-2", "line-poor": "bars-1", "line-connecting": "bars-1"})[Booth.line] ?? "bars-0"
            }
            Txt {
                objectName: "linkQuality"
                anchors.verticalCenter: parent.verticalCenter
                text: Say.t(Booth.line)
                color: header.ink
                font.pixelSize: Theme.small
                wrapMode: Text.NoWrap
            }
        }
        HeaderButton {
            objectName: "identityOpen"
            visible: Booth.identity.status !== "" && !["interrupted", "end", "closing"].includes(Booth.screen)
            icon_: "person"
            Accessible.name: Say.t("identity-status")
            onClicked: Ui.sheet = "identity"
        }
        HeaderButton {
            objectName: "textSize"
            text: Ui.large ? "A−" : Say.t("text-size")
            Accessible.name: Say.t("text-size-name")
            onClicked: Ui.large = !Ui.large
        }
        HeaderButton {
            objectName: "language"
            text: Say.t("language-other")
            Accessible.name: Say.t("language-name")
            onClicked: Words.language = Words.language === "fr" ? "en" : "fr"
        }
        HeaderButton {
            objectName: "help"
            text: Say.t("help")
            icon_: "help"
            onClicked: Ui.sheet = "help"
        }
        HeaderButton {
            objectName: "urgent"
            kind: "stop"
            text: Say.t("urgent")
            icon_: "phone"
            onClicked: Ui.sheet = "urgent"
        }
    }
}
