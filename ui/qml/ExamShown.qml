import QtQuick
import QtQuick.Layouts
import Telecabine

// Beside the specialist's picture, during an exam: what the specialist sees at this moment, and one touch to end it.
Rectangle {
    id: panel
    radius: Theme.radius
    color: Theme.surface
    border.width: 3
    border.color: Theme.accent
    ColumnLayout {
        anchors.fill: parent
        anchors.margins: 12
        spacing: 10
        RowLayout {
            spacing: 10
            Icon {
                name: "eye"
                ink: Theme.accent
            }
            Txt {
                objectName: "examShown"
                Layout.fillWidth: true
                text: Say.t("exam-seen").replace("{0}", Say.t("exam-" + Booth.exam.camera))
                font.weight: Font.Bold
                font.pixelSize: Theme.small
            }
        }
        OwnPicture {
            Layout.fillWidth: true
            Layout.fillHeight: true
        }
        RowLayout {
            spacing: 10
            BigButton {
                objectName: "photograph"
                Layout.fillWidth: true
                tall: Theme.targetSmall
                pixelSize: Theme.small
                kind: "primary"
                icon_: "camera"
                enabled: Booth.exam.photo === ""
                text: Say.t(Booth.exam.photo === "taking" ? "photo-taking" : "photo-take")
                onClicked: Booth.exam.photograph()
            }
            BigButton {
                objectName: "examAway"
                Layout.fillWidth: true
                tall: Theme.targetSmall
                pixelSize: Theme.small
                icon_: "cross"
                text: Say.t("exam-stop")
                onClicked: Booth.exam.take("")
            }
        }
    }
}
