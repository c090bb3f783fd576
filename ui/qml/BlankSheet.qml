import QtQuick
import QtQuick.Layouts
import Telecabine

// Nobody touches the screen: nothing of the patient is shown. Any press is told to the booth (ui/app.py), and takes no button under it.
Rectangle {
    color: Theme.ground
    ColumnLayout {
        anchors.fill: parent
        anchors.margins: Theme.edge
        spacing: Theme.gap
        Notices {
            objectName: "blankNotices"
            Layout.fillWidth: true
            visible: Booth.notices.length > 0 && Booth.closesIn === 0
        }
        Item {
            Layout.fillHeight: true
        }
        Waiting {
            visible: Booth.screen === "waiting" && !Booth.identity.away
            Layout.alignment: Qt.AlignHCenter
        }
        Icon {
            visible: Booth.screen !== "waiting" || Booth.identity.away
            Layout.alignment: Qt.AlignHCenter
            name: "lock"
            ink: Theme.accent
        }
        Txt {
            objectName: "blank"
            Layout.alignment: Qt.AlignHCenter
            text: Say.t(Booth.identity.away ? "away" : Booth.closesIn > 0 ? "still-there" : "blank")
            font.pixelSize: Booth.identity.away || Booth.closesIn > 0 ? Theme.title : Theme.lead
            font.weight: Font.DemiBold
        }
        Txt {
            objectName: "blankLine"
            visible: text !== ""
            Layout.alignment: Qt.AlignHCenter
            Layout.maximumWidth: 880
            horizontalAlignment: Text.AlignHCenter
            text: Booth.identity.away ? Say.t("away-line") : Booth.closesIn > 0 ? Say.t(Booth.closesIn > 1 ? "closes-in-many" : "closes-in").replace("{0}", Booth.closesIn) : Booth.screen === "waiting" ? Say.t("waiting-kept") : ""
            color: Theme.inkSoft
            font.pixelSize: Theme.lead
        }
        ProblemBar {
            Layout.alignment: Qt.AlignHCenter
            Layout.preferredWidth: 880
        }
        Item {
            Layout.fillHeight: true
        }
    }
    BigButton {
        objectName: "awayEnd"
        visible: Booth.identity.away
        z: 1
        anchors.left: parent.left
        anchors.bottom: parent.bottom
        anchors.margins: Theme.edge
        kind: "quiet"
        text: Say.t("end")
        onClicked: Booth.end()
    }
    MouseArea {
        objectName: "blankTouch"
        anchors.fill: parent
        hoverEnabled: true
        Accessible.ignored: true
    }
}
