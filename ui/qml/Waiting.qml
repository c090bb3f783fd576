import QtQuick
import QtQuick.Layouts
import Telecabine

// The number in the waiting room and how long it may take: all that a blank screen shows of who waits.
ColumnLayout {
    spacing: 6
    Txt {
        Layout.alignment: Qt.AlignHCenter
        text: Say.t("your-number")
        color: Theme.inkSoft
        font.pixelSize: Theme.lead
    }
    Txt {
        objectName: "blankTicket"
        Layout.alignment: Qt.AlignHCenter
        text: Booth.ticket
        color: Theme.accent
        font.pixelSize: Math.round(96 * Theme.scale)
        font.weight: Font.Bold
    }
    Txt {
        Layout.alignment: Qt.AlignHCenter
        text: Say.t("wait") + Say.t("colon") + (Booth.wait.length === 2 ? Say.t("wait-range").replace("{0}", Booth.wait[0]).replace("{1}", Booth.wait[1]) : Say.t("wait-unknown"))
        font.pixelSize: Theme.lead
    }
}
