pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Telecabine

ScreenFrame {
    id: screen
    title: Say.t("erased")
    line: (Booth.ended === "idle" ? Say.t("erased-idle") + " " : "") + Say.t("erased-" + (Booth.checked || "clean"))
    // nothing is said to be gone before the search for it has ended well
    readonly property bool gone: Booth.checked === "" || Booth.checked === "clean"

    readonly property string remainingText: {
        const left = Booth.remaining
        if (left.envelopes === 0)
            return Say.t("slip-remaining-none")
        return Say.t(left.envelopes > 1 ? "slip-remaining-many" : "slip-remaining").replace("{0}", left.envelopes).replace("{1}", left.until)
    }

    function sentence(outcome: var): string {
        return Say.t("sent-" + outcome.kind + "-" + outcome.state + (outcome.count > 1 ? "-many" : "")).replace("{0}", outcome.count)
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
                    visible: Booth.outcomes.length === 0
                    text: Booth.outcomes.length === 0 ? Say.t("sent-none") : Booth.outcomes.map(outcome => screen.sentence(outcome)).join("\n")
                    color: Theme.inkSoft
                }
                Repeater {
                    model: Booth.outcomes
                    RowLayout {
                        id: line
                        required property var modelData
                        spacing: 16
                        Icon {
                            name: ({"seen": "eye", "sent": "send", "kept": "lock", "rejected": "cross"})[line.modelData.state]
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
                    visible: Booth.remaining.envelopes > 0 || screen.gone
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
