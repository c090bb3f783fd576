pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Telecabine

ScreenFrame {
    title: Say.t("information")

    body: ColumnLayout {
        anchors.fill: parent
        spacing: Theme.gap
        GridLayout {
            Layout.fillWidth: true
            Layout.fillHeight: true
            columns: 2
            columnSpacing: Theme.gap
            rowSpacing: Theme.gap
            uniformCellWidths: true
            uniformCellHeights: true
            Repeater {
                model: ["person", "lock", "erase", "info"]
                Card {
                    id: card
                    required property string modelData
                    required property int index
                    Layout.fillWidth: true
                    Layout.fillHeight: true
                    RowLayout {
                        anchors.fill: parent
                        anchors.margins: 24
                        spacing: 22
                        Rectangle {
                            Layout.alignment: Qt.AlignTop
                            implicitWidth: 64
                            implicitHeight: 64
                            radius: 32
                            color: Theme.accentSoft
                            Icon {
                                anchors.centerIn: parent
                                name: card.modelData
                                ink: Theme.accent
                                width: 36
                                height: 36
                            }
                        }
                        ColumnLayout {
                            Layout.fillWidth: true
                            Layout.alignment: Qt.AlignTop
                            spacing: 8
                            Txt {
                                Layout.fillWidth: true
                                text: Say.t("information-" + (card.index + 1) + "-title")
                                font.pixelSize: Theme.lead
                                font.weight: Font.DemiBold
                            }
                            Txt {
                                Layout.fillWidth: true
                                text: Say.t("information-" + (card.index + 1))
                                color: Theme.inkSoft
                            }
                        }
                    }
                }
            }
        }
        Txt {
            Layout.fillWidth: true
            text: Say.t("purpose")
            font.pixelSize: Math.round(16 * Theme.scale)
            color: Theme.inkSoft
        }
    }
    actions: [
        BigButton {
            objectName: "endConsultation"
            kind: "quiet"
            text: Say.t("cancel")
            onClicked: Ui.sheet = "end"
        },
        Txt {
            Layout.fillWidth: true
            text: Say.t("information-version") + Say.t("colon") + Booth.informationVersion
            font.pixelSize: Math.round(16 * Theme.scale)
            color: Theme.inkSoft
            horizontalAlignment: Text.AlignRight
        },
        BigButton {
            objectName: "informedNext"
            kind: "primary"
            icon_: "check"
            text: Say.t("informed")
            onClicked: Booth.informed()
        }
    ]
}
