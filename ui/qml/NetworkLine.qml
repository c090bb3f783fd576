import QtQuick
import QtQuick.Layouts
import Telecabine

// How the line was measured before the call: the verdict, and with `whole` what to do, the figures and the relays.
// A verdict that the notices say already is not said twice.
RowLayout {
    id: line
    property bool whole: false
    readonly property var network: Booth.exam.network
    visible: network.says !== "" && (whole || Booth.notices.indexOf("check-" + network.says) < 0)
    spacing: 12
    function rate(one: var): string {
        if (!one)
            return "—"
        const text = one.kbps < 1000 ? one.kbps + " kbit/s" : Say.number((one.kbps / 1000).toFixed(1)) + " Mbit/s"
        return one.floor ? "≥ " + text : text
    }
    function figure(value: var, unit: string): string {
        return value === null || value === undefined ? Say.t("network-not-measured") : value + unit
    }
    Icon {
        Layout.alignment: Qt.AlignTop
        name: line.network.good ? "check" : "info"
        ink: line.network.good ? Theme.good : Theme.accent
    }
    ColumnLayout {
        Layout.fillWidth: true
        spacing: 2
        Txt {
            objectName: line.whole ? "check-line" : "networkVerdict"
            Layout.fillWidth: true
            text: Say.what("check-" + line.network.says)
            font.pixelSize: line.whole ? Theme.body : Theme.small
            font.weight: Font.Bold
        }
        Txt {
            visible: line.whole && text !== ""
            Layout.fillWidth: true
            text: Say.todo("check-" + line.network.says)
            font.pixelSize: Theme.small
            color: Theme.inkSoft
        }
        Txt {
            objectName: line.whole ? "networkFigures" : ""
            visible: line.whole && !!line.network.up
            Layout.fillWidth: true
            text: Say.t("network-figures").replace("{0}", line.rate(line.network.up)).replace("{1}", line.rate(line.network.down)).replace("{2}", line.figure(line.network.round_trip_ms, " ms")).replace("{3}", line.figure(line.network.loss_percent, " %"))
            font.pixelSize: Theme.small
            color: Theme.inkSoft
        }
        Txt {
            objectName: line.whole ? "networkRelays" : ""
            visible: line.whole && line.network.relays.length > 0
            Layout.fillWidth: true
            text: Say.t("network-relays") + Say.t("colon") + line.network.relays.map(relay => (relay.way + " " + Say.t(relay.says)).trim()).join(" · ")
            font.pixelSize: Theme.small
            color: Theme.inkSoft
        }
    }
}
