pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Telecabine

ScreenFrame {
    id: screen
    property var answers: [null, null, null, null, null]
    property bool missing: false
    title: Say.t("stop-list")
    line: Say.t("stop-list-line")

    function answer(at: int, yes: bool) {
        const next = answers.slice()
        next[at] = yes
        answers = next
        if (yes)
            Booth.stopList(true)
    }

    body: ColumnLayout {
        anchors.fill: parent
        spacing: 8
        Repeater {
            model: 5
            Card {
                id: line
                required property int index
                Layout.fillWidth: true
                Layout.fillHeight: true
                Layout.maximumHeight: 104
                Layout.minimumHeight: 76
                border.color: screen.missing && screen.answers[index] === null ? Theme.stop : Theme.line
                border.width: screen.missing && screen.answers[index] === null ? 2 : 1
                RowLayout {
                    anchors.fill: parent
                    anchors.leftMargin: 28
                    anchors.rightMargin: 8
                    spacing: 12
                    Txt {
                        Layout.fillWidth: true
                        text: Say.t("stop-" + (line.index + 1))
                        font.pixelSize: Theme.lead
                    }
                    BigButton {
                        objectName: "stopYes" + (line.index + 1)
                        Accessible.name: Say.t("stop-" + (line.index + 1)) + Say.t("colon") + text
                        tall: 72
                        implicitWidth: 140
                        kind: "quiet"
                        text: Say.t("yes")
                        checked: screen.answers[line.index] === true
                        onClicked: screen.answer(line.index, true)
                    }
                    BigButton {
                        objectName: "stopNo" + (line.index + 1)
                        Accessible.name: Say.t("stop-" + (line.index + 1)) + Say.t("colon") + text
                        tall: 72
                        implicitWidth: 140
                        kind: "quiet"
                        text: Say.t("no")
                        checked: screen.answers[line.index] === false
                        onClicked: screen.answer(line.index, false)
                    }
                }
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
            text: screen.missing && screen.answers.includes(null) ? Say.t("stop-missing") : ""
            color: Theme.stop
            font.weight: Font.DemiBold
            horizontalAlignment: Text.AlignRight
        },
        BigButton {
            objectName: "stopNext"
            kind: "primary"
            icon_: "next"
            text: Say.t("continue")
            onClicked: {
                if (screen.answers.includes(null))
                    screen.missing = true
                else
                    Booth.stopList(false)
            }
        }
    ]
}
