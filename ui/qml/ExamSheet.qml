import QtQuick
import QtQuick.Layouts
import Telecabine

// May the specialist see through this exam camera? The picture is on this screen only, until the patient says yes.
Sheet {
    id: sheet
    panelWidth: 1180
    title: Say.t(Booth.exam.by === "specialist" ? "exam-question-specialist" : "exam-question").replace("{0}", Say.t("exam-" + Booth.exam.camera))
    RowLayout {
        Layout.fillWidth: true
        spacing: 32
        OwnPicture {
            Layout.preferredWidth: 560
            Layout.preferredHeight: 420
        }
        ColumnLayout {
            Layout.fillWidth: true
            spacing: Theme.gap
            RowLayout {
                spacing: 14
                Icon {
                    Layout.alignment: Qt.AlignTop
                    name: "eye"
                    ink: Theme.accent
                }
                Txt {
                    objectName: "examSeen"
                    Layout.fillWidth: true
                    text: Say.t("exam-only-here")
                    font.pixelSize: Theme.lead
                }
            }
            Txt {
                Layout.fillWidth: true
                text: Say.t("exam-if-yes")
                color: Theme.inkSoft
            }
            Repeater {
                model: Booth.exam.missing.filter(one => one.camera === Booth.exam.camera)
                Txt {
                    required property var modelData
                    objectName: "examMissing"
                    Layout.fillWidth: true
                    text: Say.what("exam-" + modelData.reason) + ". " + Say.todo("exam-" + modelData.reason)
                    font.weight: Font.DemiBold
                }
            }
            Item {
                Layout.fillHeight: true
            }
            BigButton {
                objectName: "examShow"
                Layout.fillWidth: true
                kind: "primary"
                icon_: "eye"
                text: Say.t("exam-show")
                onClicked: Booth.exam.show(true)
            }
            BigButton {
                objectName: "examRefuse"
                Layout.fillWidth: true
                kind: "quiet"
                icon_: "cross"
                text: Say.t("exam-refuse")
                onClicked: Booth.exam.show(false)
            }
        }
    }
}
