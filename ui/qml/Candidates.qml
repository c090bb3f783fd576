pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Telecabine

// Who it may be: one card for each person, with what needs an eye. The helper touches the one who is there.
Flickable {
    id: list
    property var candidates: []
    clip: true
    contentWidth: width
    contentHeight: column.implicitHeight
    boundsBehavior: Flickable.StopAtBounds

    ColumnLayout {
        id: column
        width: list.width
        spacing: 14
        Repeater {
            model: list.candidates
            Card {
                id: card
                required property var modelData
                required property int index
                Layout.fillWidth: true
                implicitHeight: inside.implicitHeight + 44
                RowLayout {
                    id: inside
                    anchors.left: parent.left
                    anchors.right: parent.right
                    anchors.verticalCenter: parent.verticalCenter
                    anchors.leftMargin: 28
                    anchors.rightMargin: 22
                    spacing: 24
                    ColumnLayout {
                        Layout.fillWidth: true
                        spacing: 4
                        Txt {
                            objectName: "candidate" + card.index
                            Layout.fillWidth: true
                            text: card.modelData.given_name + " " + card.modelData.family_name.toUpperCase()
                            font.pixelSize: Theme.title
                            font.weight: Font.Bold
                        }
                        Txt {
                            objectName: "candidateTraits" + card.index
                            Layout.fillWidth: true
                            text: {
                                const sex = ({"female": "sex-female", "male": "sex-male"})[card.modelData.sex]
                                const traits = card.modelData.birth_date === "" ? [] : [Say.t("identity-born") + " " + card.modelData.birth_date]
                                if (sex)
                                    traits.push(Say.t(sex))
                                if (card.modelData.number !== "")
                                    traits.push(Say.t("identity-number") + " " + card.modelData.number)
                                return traits.join(" · ")
                            }
                            font.pixelSize: Theme.lead
                        }
                        Repeater {
                            model: card.modelData.warnings
                            RowLayout {
                                id: warning
                                required property var modelData
                                Layout.fillWidth: true
                                spacing: 10
                                Icon {
                                    implicitWidth: 24
                                    implicitHeight: 24
                                    name: "info"
                                    ink: Theme.accent
                                }
                                Txt {
                                    Layout.fillWidth: true
                                    text: warning.modelData[Words.language]
                                    color: Theme.inkSoft
                                    font.pixelSize: Theme.small
                                }
                            }
                        }
                    }
                    BigButton {
                        objectName: "choose" + card.index
                        kind: "primary"
                        icon_: "check"
                        text: Say.t("identity-this-one")
                        Accessible.name: text + Say.t("colon") + card.modelData.given_name + " " + card.modelData.family_name
                        onClicked: Booth.identity.choose(card.modelData.id)
                    }
                }
            }
        }
    }
}
