import QtQuick
import QtQuick.Layouts
import Telecabine

Window {
    id: window
    width: 1280
    height: 800
    visible: true
    title: "telecabine"
    color: Theme.ground

    readonly property var screens: ({
        "starting": "StartingScreen.qml", "welcome": "WelcomeScreen.qml", "identity": "IdentityScreen.qml", "stop-list": "StopListScreen.qml", "guardian": "GuardianScreen.qml",
        "emergency": "EmergencyScreen.qml", "information": "InformationScreen.qml", "consent": "ConsentScreen.qml", "refused": "RefusedScreen.qml",
        "measure": "MeasureScreen.qml", "waiting": "WaitingScreen.qml", "call": "CallScreen.qml", "paused": "PausedScreen.qml",
        "interrupted": "InterruptedScreen.qml", "closing": "ClosingScreen.qml", "end": "EndScreen.qml"
    })

    Item {
        objectName: "screen"
        readonly property string text: Booth.screen
        onTextChanged: {
            Ui.sheet = ""
            if (text === "welcome") {
                Words.language = "fr"
                Ui.large = false
            }
        }
    }
    Eye {
        objectName: "eye"
        root: window.contentItem
    }
    ColumnLayout {
        anchors.fill: parent
        spacing: 0
        enabled: (Ui.sheet === "" || Ui.sheet === "stethoscope") && !Booth.identity.leaving && Booth.visit.state !== "asked" && Booth.auscultation.keep === 0
        Header {
            id: header
            Layout.fillWidth: true
        }
        Notices {
            Layout.fillWidth: true
            Layout.topMargin: 12
            Layout.leftMargin: Theme.edge
            Layout.rightMargin: Theme.edge
        }
        ProblemBar {
            Layout.fillWidth: true
            Layout.topMargin: 12
            Layout.leftMargin: Theme.edge
            Layout.rightMargin: Theme.edge
        }
        Loader {
            enabled: Booth.agentUp && Ui.sheet === ""
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.margins: Theme.edge
            Layout.topMargin: 22
            Layout.bottomMargin: 24
            source: window.screens[Booth.screen]
        }
    }
    Rectangle {
        visible: Booth.training
        anchors.fill: parent
        color: "transparent"
        border.width: 6
        border.color: Theme.accent
    }
    GoneSheet {
        anchors.fill: parent
        anchors.topMargin: header.height
        visible: !Booth.agentUp && Booth.screen !== "starting"
    }
    HelpSheet {
        anchors.fill: parent
        visible: Ui.sheet === "help"
    }
    UrgentSheet {
        anchors.fill: parent
        visible: Ui.sheet === "urgent"
    }
    ConsentsSheet {
        anchors.fill: parent
        visible: Ui.sheet === "consents"
    }
    StethoscopeSheet {
        anchors.fill: parent
        anchors.topMargin: header.height
        visible: Ui.sheet === "stethoscope"
    }
    IdentitySheet {
        anchors.fill: parent
        visible: Ui.sheet === "identity"
    }
    Loader {  // made when it is opened: it has a pad of its own
        anchors.fill: parent
        active: Ui.sheet === "code"
        source: "CodeSheet.qml"
    }
    Loader {
        anchors.fill: parent
        active: Ui.sheet === "correct"
        source: "CorrectSheet.qml"
    }
    GuestSheet {
        anchors.fill: parent
        visible: Booth.visit.state === "asked"
    }
    LeavingSheet {
        anchors.fill: parent
        visible: Booth.identity.leaving
    }
    EndSheet {
        anchors.fill: parent
        visible: Ui.sheet === "end"
    }
    ExamChoice {
        anchors.fill: parent
        visible: Ui.sheet === "exam"
    }
    ExamSheet {
        id: examSheet
        anchors.fill: parent
        visible: Booth.exam.state === "asked"
    }
    PhotoSheet {
        id: photoSheet
        anchors.fill: parent
        visible: Booth.exam.photo === "asked"
    }
    RoomSheet {
        id: roomSheet
        anchors.fill: parent
        visible: Booth.exam.checking
    }
    KeepSoundSheet {
        anchors.fill: parent
        visible: Booth.auscultation.keep > 0
    }
    BlankSheet {
        anchors.fill: parent
        visible: Booth.blank
    }
}
