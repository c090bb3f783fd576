pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Telecabine

// Traits typed by hand. `wrong` is the text key of what is wrong with them.
ColumnLayout {
    id: screen
    property string sex: ""
    property string wrong: ""
    signal sent

    function confirm() {
        wrong = Booth.identify(family.text, given.text, born.text, sex)
        if (wrong === "")
            sent()
    }
    function start() {
        family.input.forceActiveFocus()
    }

    spacing: 14
    RowLayout {
        Layout.fillWidth: true
        spacing: Theme.gap
        Field {
            id: family
            onTextChanged: screen.wrong = ""
            Layout.fillWidth: true
            Layout.preferredWidth: 300
            inputName: "familyName"
            label: Say.t("family-name")
            bad: screen.wrong === "form-family-missing"
        }
        Field {
            id: given
            onTextChanged: screen.wrong = ""
            Layout.fillWidth: true
            Layout.preferredWidth: 260
            inputName: "givenName"
            label: Say.t("given-name")
            bad: screen.wrong === "form-given-missing"
        }
        Field {
            id: born
            onTextChanged: screen.wrong = ""
            Layout.fillWidth: true
            Layout.preferredWidth: 190
            Layout.minimumWidth: Math.round(204 * Theme.scale)
            inputName: "birthDate"
            padKind: "date"
            label: Say.t("birth-date")
            hint: Say.t("birth-date-hint")
            bad: screen.wrong.startsWith("form-date")
        }
        Column {
            spacing: 8
            Txt {
                text: Say.t("sex")
                color: screen.wrong === "form-sex-missing" ? Theme.stop : Theme.inkSoft
                font.pixelSize: Theme.small
            }
            Row {
                spacing: 8
                Repeater {
                    model: [["sexFemale", "female", "sex-female"], ["sexMale", "male", "sex-male"], ["sexOther", "unknown", "sex-other"]]
                    BigButton {
                        required property var modelData
                        objectName: modelData[0]
                        tall: 72
                        leftPadding: 14
                        rightPadding: 14
                        pixelSize: Theme.small
                        text: Say.t(modelData[2])
                        checkable: true
                        autoExclusive: true
                        checked: screen.sex === modelData[1]
                        onClicked: {
                            screen.sex = modelData[1]
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
