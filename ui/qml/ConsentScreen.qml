pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Telecabine

ScreenFrame {
    id: screen
    // null = not chosen yet; a photo is refused until it is accepted
    property var choices: ({"act": null, "sharing": null, "photos": false})
    property bool missing: false
    readonly property bool complete: choices.act === false || (choices.act !== null && choices.sharing !== null)
    title: Say.t("consent")
    line: Say.t("consent-line")

    function choose(subject: string, given: bool) {
        const next = Object.assign({}, choices)
        next[subject] = given
        choices = next
    }

    body: ColumnLayout {
        anchors.fill: parent
        spacing: 14
        Repeater {
            model: [["act", "Act"], ["sharing", "Sharing"], ["photos", "Photos"]]
            Card {
                id: card
                required property var modelData
                readonly property string subject: modelData[0]
                readonly property bool open_: screen.missing && screen.choices[subject] === null
                Layout.fillWidth: true
                Layout.fillHeight: true
                Layout.maximumHeight: 132
                Layout.minimumHeight: 96
                border.width: open_ ? 2 : 1
                border.color: open_ ? Theme.stop : Theme.line
                RowLayout {
                    anchors.fill: parent
                    anchors.leftMargin: 28
                    anchors.rightMargin: 18
                    spacing: 14
                    ColumnLayout {
                        Layout.fillWidth: true
                        spacing: 4
                        Txt {
                            Layout.fillWidth: true
                            text: Say.t("consent-" + card.subject)
                            font.pixelSize: Theme.lead
                            font.weight: Font.DemiBold
                        }
                        Txt {
                            Layout.fillWidth: true
                            text: Say.t("consent-" + card.subject + "-line")
                            color: Theme.inkSoft
                        }
                    }
                    BigButton {
                        objectName: "consent" + card.modelData[1] + "Refuse"
                        Accessible.name: Say.t("consent-" + card.subject) + Say.t("colon") + text
                        kind: "quiet"
                        implicitWidth: 210 * Theme.scale
                        pixelSize: Theme.body
                        icon_: checked ? "cross" : ""
                        text: Say.t("refuse")
                        checked: screen.choices[card.subject] === false
                        onClicked: screen.choose(card.subject, false)
                    }
                    BigButton {
                        objectName: "consent" + card.modelData[1]
                        Accessible.name: Say.t("consent-" + card.subject) + Say.t("colon") + text
                        kind: "quiet"
                        implicitWidth: 210 * Theme.scale
                        pixelSize: Theme.body
                        icon_: checked ? "check" : ""
                        text: Say.t("accept")
                        checked: screen.choices[card.subject] === true
                        onClicked: screen.choose(card.subject, true)
                    }
                }
            }
        }
        Row {
            spacing: 12
            Layout.leftMargin: 8
            Icon {
                name: "camera-off"
                ink: Theme.inkSoft
                anchors.verticalCenter: parent.verticalCenter
            }
            Txt {
                text: Say.t("consent-recording")
                color: Theme.inkSoft
            }
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
            text: screen.missing && !screen.complete ? Say.t("consent-missing") : ""
            color: Theme.stop
            font.weight: Font.DemiBold
            horizontalAlignment: Text.AlignRight
        },
        BigButton {
            objectName: "consentNext"
            kind: "primary"
            icon_: "check"
            text: Say.t("consent-next")
            onClicked: {
                screen.missing = true
                if (!screen.complete)
                    return
                Booth.consent("photos", screen.choices.photos === true)
                Booth.consent("sharing", screen.choices.sharing === true)
                Booth.consent("act", screen.choices.act === true)
            }
        }
    ]
}
