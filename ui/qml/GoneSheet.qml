import QtQuick
import QtQuick.Layouts

Sheet {
    objectName: "agentGone"
    readonly property string text: visible ? title : ""
    color: Theme.ground
    title: Say.t("agent-gone")
    Txt {
        Layout.fillWidth: true
        text: Say.t("agent-gone-do")
        color: Theme.inkSoft
        font.pixelSize: Theme.lead
    }
}
