import QtQuick
import QtQuick.Layouts
import Telecabine

ScreenFrame {
    id: screen
    readonly property bool typing: Ui.field !== null && Ui.sheet === ""
    title: typing ? "" : Booth.code === "waiting" ? Say.t("waiting-by-code") : Booth.code === "refused" ? Say.t("waiting-refused") : Say.t("waiting")
    line: typing ? "" : Booth.code === "waiting" ? Say.t("waiting-line-by-code") : Booth.code === "refused" ? Say.t("waiting-line-refused") : Say.t("waiting-line")
    body: ColumnLayout {
        anchors.fill: parent
        spacing: Theme.gap
        RowLayout {
            Layout.fillWidth: true
            Layout.fillHeight: true
            spacing: 20
            ColumnLayout {
                Layout.preferredWidth: 340
                Layout.maximumWidth: 340
                Layout.fillHeight: true
                spacing: Theme.gap
                Rectangle {
                    Layout.fillWidth: true
                    visible: !screen.typing
                    implicitHeight: ticketColumn.implicitHeight + 40
                    radius: Theme.radius
                    color: Theme.accent
                    ColumnLayout {
                        id: ticketColumn
                        anchors.left: parent.left
                        anchors.right: parent.right
                        anchors.verticalCenter: parent.verticalCenter
                        anchors.margins: 26
                        spacing: 2
                        Txt {
                            text: Say.t("your-number")
                            color: "#ffffff"
                        }
                        Txt {
                            objectName: "ticket"
                            text: Booth.ticket !== "" ? Booth.ticket : "—"
                            color: "#ffffff"
                            font.pixelSize: Math.round(60 * Theme.scale)
                            font.weight: Font.Bold
                        }
                        Txt {
                            objectName: "wait"
                            Layout.fillWidth: true
                            color: "#ffffff"
                            text: Say.t("wait") + Say.t("colon") + (Booth.wait.length === 2 ? Say.t("wait-range").replace("{0}", Booth.wait[0]).replace("{1}", Booth.wait[1]) : Say.t("wait-unknown"))
                        }
                    }
                }
                Conversation {
                    Layout.fillWidth: true
                    Layout.fillHeight: true
                }
            }
            Devices {
                Layout.fillWidth: true
                Layout.fillHeight: true
                columns: 1
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
                    visible: !screen.typing
                    Layout.fillWidth: true
                }
                NetworkLine {
                    Layout.fillWidth: true
                }
                BigButton {
                    objectName: "roomCheck"
                    visible: !screen.typing
                    Layout.fillWidth: true
                    tall: Theme.targetSmall
                    pixelSize: Theme.body
                    icon_: "camera"
                    text: Say.t("room-check-short")
                    onClicked: Booth.exam.check(true)
                }
            }
        }
        Pad {
            visible: screen.typing
            Layout.fillWidth: true
            onClosed: Ui.done()
        }
    }
    actions: [
        BigButton {
            objectName: "endConsultation"
            visible: !screen.typing
            kind: "quiet"
            text: Say.t("end")
            onClicked: Ui.sheet = "end"
        },
        BigButton {
            objectName: "consents"
            visible: !screen.typing
            kind: "quiet"
            text: Say.t("consents")
            onClicked: Ui.sheet = "consents"
        },
        Item {
            Layout.fillWidth: true
        }
    ]
}
