import QtQuick
import QtQuick.Layouts

Item {
    ColumnLayout {
        anchors.centerIn: parent
        spacing: Theme.gap
        Icon {
            Layout.alignment: Qt.AlignHCenter
            name: "clock"
            ink: Theme.accent
            implicitWidth: 88
            implicitHeight: 88
        }
        Txt {
            Layout.alignment: Qt.AlignHCenter
            text: Say.t("starting")
            font.pixelSize: Theme.title
            font.weight: Font.Bold
        }
        Txt {
            Layout.alignment: Qt.AlignHCenter
            text: Say.t("starting-do")
            color: Theme.inkSoft
        }
    }
}
