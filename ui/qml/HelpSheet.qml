pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts

Sheet {
    panelWidth: 980
    title: Say.t("help-title")
    Repeater {
        model: 4
        ColumnLayout {
            id: item
            required property int index
            Layout.fillWidth: true
            spacing: 2
            Txt {
                Layout.fillWidth: true
                text: Say.t("help-" + (item.index + 1) + "-title")
                font.weight: Font.DemiBold
            }
            Txt {
                Layout.fillWidth: true
                text: Say.t("help-" + (item.index + 1))
                color: Theme.inkSoft
            }
        }
    }
    Txt {
        Layout.fillWidth: true
        text: Say.t("purpose")
        font.pixelSize: Math.round(16 * Theme.scale)
        color: Theme.inkSoft
    }
    BigButton {
        objectName: "helpClose"
        Layout.alignment: Qt.AlignRight
        kind: "primary"
        text: Say.t("close")
        onClicked: Ui.sheet = ""
    }
}
