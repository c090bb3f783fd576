pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Telecabine

ScreenFrame {
    id: screen
    property string relation: ""
    property string wrong: ""
    title: Say.t("guardian")
    line: Say.t("guardian-line")
    spacing: 12

    Component.onCompleted: family.input.forceActiveFocus()

    body: ColumnLayout {
        anchors.fill: parent
        spacing: 14
        RowLayout {
            Layout.fillWidth: true
            spacing: Theme.gap
            Field {
                id: family
                onTextChanged: screen.wrong = ""
                Layout.fillWidth: true
                Layout.preferredWidth: 300
                inputName: "guardianFamily"
                label: Say.t("family-name")
                bad: screen.wrong === "form-family-missing"
            }
            Field {
                id: given
                onTextChanged: screen.wrong = ""
                Layout.fillWidth: true
                Layout.preferredWidth: 260
                inputName: "guardianGiven"
                label: Say.t("given-name")
                bad: screen.wrong === "form-given-missing"
            }
            Column {
                spacing: 8
                Txt {
                    text: Say.t("guardian-relation")
                    color: screen.wrong === "form-relation-missing" ? Theme.stop : Theme.inkSoft
                    font.pixelSize: Theme.small
                }
                Row {
                    spacing: 8
                    Repeater {
                        model: ["parent", "guardian", "other"]
                        BigButton {
                            required property string modelData
                            objectName: "relation-" + modelData
                            tall: 72
                            leftPadding: 18
                            rightPadding: 18
                            pixelSize: Theme.small
                            text: Say.t("relation-" + modelData)
                            checked: screen.relation === modelData
                            onClicked: {
                                screen.relation = modelData
                                screen.wrong = ""
                            }
                        }
                    }
                }
            }
        }
        Pad {
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.minimumHeight: 220
            Layout.maximumHeight: 360
            closable: false
        }
    }
    actions: [
        BigButton {
            objectName: "endConsultation"
            kind: "quiet"
            text: Say.t("cancel")
            onClicked: Ui.sheet = "end"
        },
        BigButton {
            objectName: "guardianNone"
            kind: "quiet"
            text: Say.t("guardian-none")
            onClicked: screen.wrong = Booth.identity.guard("", "", "none")
        },
        Txt {
            objectName: "guardianError"
            Layout.fillWidth: true
            text: screen.wrong === "" ? "" : Say.t(screen.wrong)
            color: Theme.stop
            font.weight: Font.DemiBold
            horizontalAlignment: Text.AlignRight
            Accessible.role: Accessible.AlertMessage
        },
        BigButton {
            objectName: "guardianConfirm"
            kind: "primary"
            icon_: "check"
            text: Say.t("continue")
            onClicked: screen.wrong = Booth.identity.guard(family.text, given.text, screen.relation)
        }
    ]
}
