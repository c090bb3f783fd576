pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Telecabine

ScreenFrame {
    id: screen
    title: Say.t("erased")
    line: Booth.ended === "idle" ? Say.t("erased-idle") : Booth.checked === "found" ? "" : Say.t("erased-line")
    readonly property var reached: ["seen", "sent", "kept", "rejected"].filter(state => Booth.counts[state] > 0)
    readonly property string sentText: reached.map(state => sentence(state)).join("\n")

    readonly property string remainingText: {
        const left = Booth.remaining
        if (left.envelopes === 0)
            return Say.t("slip-remaining-none")
        return Say.t(left.envelopes > 1 ? "slip-remaining-many" : "slip-remaining").replace("{0}", left.envelopes).replace("{1}", left.until)
    }

    function sentence(state: string): string {
        const count = Booth.counts[state]
        return Say.t("sent-" + state + (count > 1 ? "-many" : "")).replace("{0}", count)
    }

    body: RowLayout {
        anchors.fill: parent
        spacing: Theme.gap
        Card {
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 480
            ColumnLayout {
                anchors.fill: parent
                anchors.margins: 32
                spacing: 18
                Txt {
                    text: Say.t("sent")
                    font.pixelSize: Theme.lead
                    font.weight: Font.DemiBold
                }
                Txt {
                    objectName: "sent"
                    Layout.fillWidth: true
                    visible: screen.reached.length === 0
                    text: screen.reached.length === 0 ? Say.t("sent-none") : screen.sentText
                    color: Theme.inkSoft
                }
                Repeater {
                    model: screen.reached
                    RowLayout {
                        id: line
                        required property string modelData
                        spacing: 16
                        Icon {
                            name: ({"seen": "eye", "sent": "send", "kept": "lock", "rejected": "cross"})[line.modelData]
                            ink: Theme.accent
                        }
                        Txt {
                            Layout.fillWidth: true
                            text: screen.sentence(line.modelData)
                        }
                    }
                }
                Txt {
                    Layout.topMargin: 8
                    visible: Booth.unsent.length > 0
                    text: Say.t("unsent")
                    font.pixelSize: Theme.lead
                    font.weight: Font.DemiBold
                }
                Txt {
                    objectName: "unsent"
                    Layout.fillWidth: true
                    visible: Booth.unsent.length > 0
                    text: Booth.unsent.map(one => one.device + " (" + one.vitals.map(vital => Say.vital(vital)).join(", ") + ")" + Say.t("colon") + Say.t("unsent-" + one.reason)).join("\n")
                }
                Item {
                    Layout.fillHeight: true
                }
                Txt {
                    objectName: "copy"
                    Layout.fillWidth: true
                    visible: Booth.copy !== ""
                    text: Booth.copy === "" ? "" : Say.t("copy-" + Booth.copy)
                }
                Txt {
                    Layout.fillWidth: true
                    text: Say.t("take-card")
                    font.weight: Font.DemiBold
                }
            }
        }
        Card {
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 720
            ColumnLayout {
                anchors.fill: parent
                anchors.margins: 32
                spacing: 18
                Row {
                    spacing: 14
                    Icon {
                        name: "shield"
                        ink: Theme.accent
                        anchors.verticalCenter: parent.verticalCenter
                    }
                    Txt {
                        text: Say.t("slip")
                        font.pixelSize: Theme.lead
                        font.weight: Font.DemiBold
                    }
                }
                Rectangle {
                    Layout.fillWidth: true
                    implicitHeight: slip.implicitHeight + 36
                    radius: 12
                    color: Theme.accentSoft
                    Txt {
                        id: slip
                        objectName: "slip"
                        anchors.left: parent.left
                        anchors.right: parent.right
                        anchors.verticalCenter: parent.verticalCenter
                        anchors.margins: 18
                        text: Booth.slip !== "" ? Booth.slip : Say.t("slip-none")
                        font.family: "monospace"
                        font.pixelSize: Theme.body
                    }
                }
                Txt {
                    Layout.fillWidth: true
                    text: Say.t("slip-line")
                    color: Theme.inkSoft
                }
                RowLayout {
                    Layout.fillWidth: true
                    visible: Booth.checked !== ""
                    spacing: 14
                    Icon {
                        name: ({"checking": "clock", "clean": "check", "found": "info", "failed": "info"})[Booth.checked] ?? ""
                        ink: Theme.accent
                    }
                    Txt {
                        objectName: "checked"
                        Layout.fillWidth: true
                        text: Booth.checked === "" ? "" : Say.t("checked-" + Booth.checked).replace("{0}", Booth.searched)
                        font.weight: Font.DemiBold
                    }
                }
                Txt {
                    objectName: "remaining"
                    visible: Booth.remaining.envelopes > 0 || Booth.checked !== "found" && Booth.checked !== "failed"
                    Layout.fillWidth: true
                    text: screen.remainingText
                }
                Item {
                    Layout.fillHeight: true
                }
            }
        }
    }
    actions: [
        Item {
            Layout.fillWidth: true
        },
        BigButton {
            objectName: "nextPatient"
            kind: "primary"
            icon_: "next"
            text: Say.t("next-patient")
            onClicked: Booth.nextPatient()
        }
    ]
}
