pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Telecabine

// Where the stethoscope is put, what it hears, and in words what disturbs it. Closing goes back to the call with the stethoscope still on.
Sheet {
    id: sheet
    readonly property var heart: Booth.auscultation
    panelWidth: 1216
    title: Say.t("stethoscope")
    RowLayout {
        Layout.fillWidth: true
        spacing: 28
        ColumnLayout {
            spacing: 8
            Txt {
                text: Say.t("stethoscope-where")
                font.pixelSize: Theme.small
                color: Theme.inkSoft
            }
            RowLayout {
                spacing: 8
                Torso {
                    back: false
                }
                Torso {
                    back: true
                }
            }
        }
        ColumnLayout {
            Layout.fillWidth: true
            Layout.fillHeight: true
            spacing: 14
            Txt {
                objectName: "stethoscopeSite"
                Layout.fillWidth: true
                text: sheet.heart.site === "" ? Say.t("site-none") : Say.t("site-" + sheet.heart.site)
                font.pixelSize: Theme.lead
                font.weight: Font.Bold
            }
            Txt {
                objectName: "stethoscopeAsked"
                visible: sheet.heart.asked !== ""
                Layout.fillWidth: true
                text: Say.t("asked") + Say.t("colon") + (sheet.heart.asked === "" ? "" : Say.t("site-" + sheet.heart.asked))
                font.weight: Font.DemiBold
                color: Theme.accent
            }
            Rectangle {
                Layout.fillWidth: true
                Layout.preferredHeight: 150
                radius: 12
                color: Theme.ground
                StripItem {
                    objectName: "stethoscopeStrip"
                    anchors.fill: parent
                    anchors.margins: 10
                    visible: filled
                    buffer: sheet.heart.line
                    ink: Theme.accent
                }
            }
            RowLayout {
                Layout.fillWidth: true
                spacing: 14
                Txt {
                    text: Say.t("stethoscope-level")
                    font.pixelSize: Theme.small
                    color: Theme.inkSoft
                }
                Rectangle {
                    Layout.fillWidth: true
                    implicitHeight: 16
                    radius: 8
                    color: Theme.line
                    Accessible.ignored: true
                    Rectangle {
                        width: parent.width * Math.sqrt(sheet.heart.level)
                        height: parent.height
                        radius: 8
                        color: sheet.heart.state === "clipping" ? Theme.stop : Theme.accent
                    }
                }
            }
            Txt {
                objectName: "stethoscopeState"
                Layout.fillWidth: true
                text: {
                    const key = "stethoscope-" + sheet.heart.state
                    const todo = Say.todo(key)
                    return Say.what(key) + (todo === "" ? "" : ". " + todo)
                }
                font.weight: sheet.heart.state === "on" ? Font.Normal : Font.DemiBold
            }
            Txt {
                objectName: "stethoscopeListening"
                visible: sheet.heart.listening
                text: Say.t("stethoscope-listening")
                color: Theme.inkSoft
                font.pixelSize: Theme.small
            }
            Repeater {
                model: sheet.heart.clips
                Txt {
                    required property var modelData
                    objectName: "clip-" + modelData.id
                    Layout.fillWidth: true
                    text: Say.t("clip") + Say.t("colon") + Say.t("site-" + modelData.site) + " · " + Say.t("clip-" + modelData.state) + (modelData.seen_at === "" ? "" : " " + modelData.seen_at)
                    font.pixelSize: Theme.small
                    color: Theme.inkSoft
                }
            }
            Item {
                Layout.fillHeight: true
            }
        }
    }
    RowLayout {
        Layout.fillWidth: true
        spacing: 20
        BigButton {
            objectName: "stethoscopeAway"
            kind: "quiet"
            text: Say.t("stethoscope-away")
            onClicked: {
                sheet.heart.putAway()
                Ui.sheet = ""
            }
        }
        Item {
            Layout.fillWidth: true
        }
        BigButton {
            objectName: "stethoscopeClose"
            kind: "primary"
            icon_: "back"
            text: Say.t("stethoscope-back")
            onClicked: Ui.sheet = ""
        }
    }
}
