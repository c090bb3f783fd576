import QtQuick
import QtQuick.Layouts
import Telecabine

ColumnLayout {
    id: screen
    readonly property bool typing: Ui.field !== null
    readonly property string specialist: Booth.call.specialist !== "" ? Booth.call.specialist : Say.t("specialist-unknown")
    spacing: 14

    Rectangle {
        visible: Booth.call.authentication !== "" && Booth.call.verified === ""
        Layout.fillWidth: true
        implicitHeight: 120
        radius: Theme.radius
        color: Theme.accentSoft
        border.width: 2
        border.color: Theme.accent
        RowLayout {
            anchors.fill: parent
            anchors.leftMargin: 28
            anchors.rightMargin: 16
            spacing: 16
            Txt {
                Layout.fillWidth: true
                text: Say.t("authentication")
                font.weight: Font.DemiBold
            }
            Txt {
                objectName: "authentication"
                text: Booth.call.authentication.replace(/^(\d{3})(\d{3})$/, "$1 $2")
                font.pixelSize: Math.round(50 * Theme.scale)
                font.weight: Font.Bold
                wrapMode: Text.NoWrap
            }
            BigButton {
                objectName: "identicalNo"
                kind: "quiet"
                icon_: "cross"
                text: Say.t("different")
                onClicked: Booth.identical(false)
            }
            BigButton {
                objectName: "identicalYes"
                kind: "primary"
                icon_: "check"
                text: Say.t("identical")
                onClicked: Booth.identical(true)
            }
        }
    }
    RowLayout {
        Layout.fillWidth: true
        Layout.fillHeight: true
        spacing: 20

        ColumnLayout {
            Layout.fillWidth: true
            Layout.fillHeight: true
            spacing: 14
            Item {
                Layout.fillWidth: true
                Layout.fillHeight: true
                VideoItem {
                    id: video
                    objectName: "video"
                    source: Booth.video
                    readonly property string text: picture
                    anchors.fill: parent
                    Accessible.role: Accessible.Graphic
                    Accessible.name: screen.specialist
                }
                Centered {
                    visible: video.picture === "none"
                    width: parent.width - 80
                    icon: "camera"
                    title: ""
                    line: ""
                }
                Rectangle {
                    visible: video.picture !== "live"
                    anchors.horizontalCenter: parent.horizontalCenter
                    anchors.bottom: live.top
                    anchors.bottomMargin: 14
                    width: frozen.implicitWidth + 48
                    height: frozen.implicitHeight + 24
                    radius: height / 2
                    color: "#ffffff"
                    Txt {
                        id: frozen
                        anchors.centerIn: parent
                        text: Say.t(video.picture === "none" ? "video-none" : "video-frozen")
                        wrapMode: Text.NoWrap
                    }
                }
                ExamShown {
                    id: exam
                    visible: Booth.exam.state === "shown"
                    anchors.right: parent.right
                    anchors.bottom: parent.bottom
                    anchors.margins: 14
                    width: Math.round(parent.width * 0.48)
                    height: Math.min(Math.round(width * 0.75) + 130, parent.height - choices.height - 42)
                }
                LiveBar {
                    id: live
                    stacked: exam.visible
                    anchors.left: parent.left
                    anchors.bottom: parent.bottom
                    anchors.margins: 14
                }
                ColumnLayout {
                    id: choices
                    anchors.right: parent.right
                    anchors.top: parent.top
                    anchors.margins: 14
                    spacing: 12
                    component Choice: BigButton {
                        Layout.alignment: Qt.AlignRight
                        tall: Theme.targetSmall
                        pixelSize: Theme.small
                    }
                    Choice {
                        objectName: "aloneSwitch"
                        icon_: "person"
                        checked: Booth.identity.alone
                        text: Say.t(Booth.identity.alone ? "helper-back" : "alone")
                        onClicked: Booth.person("helper", Booth.identity.alone)
                    }
                    Choice {
                        objectName: "stethoscope"
                        visible: Booth.auscultation.there && Booth.exam.state !== "shown"
                        icon_: "stethoscope"
                        checked: Booth.auscultation.state !== "off"
                        text: Say.t("stethoscope")
                        onClicked: {
                            Booth.auscultation.place(Booth.auscultation.site)
                            Ui.sheet = "stethoscope"
                        }
                    }
                    Choice {
                        objectName: "examChoice"
                        visible: Booth.exam.cameras.length > 0 && Booth.exam.state !== "shown"
                        icon_: "eye"
                        text: Say.t("exam-camera")
                        onClicked: Ui.sheet = "exam"
                    }
                }
                Rectangle {
                    x: 14
                    y: 14
                    width: Math.min(who.implicitWidth + 40, parent.width - (exam.visible ? exam.width : choices.width) - 42)
                    height: who.implicitHeight + 22
                    radius: 14
                    color: "#f2ffffff"
                    ColumnLayout {
                        id: who
                        x: 20
                        width: parent.width - 40
                        anchors.verticalCenter: parent.verticalCenter
                        spacing: 0
                        Txt {
                            objectName: "specialist"
                            text: screen.specialist
                            font.weight: Font.Bold
                            wrapMode: Text.NoWrap
                        }
                        RowLayout {
                            spacing: 8
                            Icon {
                                visible: Booth.call.verified !== ""
                                implicitWidth: 24
                                implicitHeight: 24
                                name: Booth.call.verified === "same" ? "shield" : "cross"
                                ink: Booth.call.verified === "same" ? Theme.good : Theme.stop
                            }
                            Txt {
                                objectName: "callState"
                                text: Say.t("call-" + Booth.call.state) + (Booth.call.verified === "" ? "" : " · " + Say.t(Booth.call.verified === "same" ? "verified" : "not-verified"))
                                font.pixelSize: Theme.small
                                color: Theme.inkSoft
                                wrapMode: Text.NoWrap
                            }
                        }
                        Txt {
                            objectName: "present"
                            Layout.fillWidth: true
                            visible: Booth.present.length > 0
                            text: Say.t("present") + Say.t("colon") + Booth.present.map(role => Say.t("role-" + role)).join(", ")
                            font.pixelSize: Theme.small
                            color: Theme.inkSoft
                        }
                    }
                }
            }
            GuestBar {
                visible: !screen.typing && state_ !== "" && state_ !== "asked"
                Layout.fillWidth: true
            }
            Txt {
                objectName: "revealed"
                visible: Booth.identity.revealed !== ""
                Layout.fillWidth: true
                text: Say.t("revealed") + Say.t("colon") + Booth.identity.revealed
                font.weight: Font.DemiBold
            }
            Txt {
                visible: Booth.call.message !== ""
                Layout.fillWidth: true
                text: Say.what(Booth.call.message) + ". " + Say.todo(Booth.call.message)
                font.pixelSize: Theme.small
                font.weight: Font.DemiBold
            }
            RowLayout {
                visible: !screen.typing
                Layout.fillWidth: true
                spacing: 12
                component Switch: BigButton {
                    kind: "quiet"
                    pixelSize: Theme.small
                    stacked: true
                    leftPadding: 16
                    rightPadding: 16
                    Accessible.role: Accessible.CheckBox
                    Accessible.checked: checked
                }
                Switch {
                    objectName: "cameraSwitch"
                    checked: Booth.call.camera
                    icon_: checked ? "camera" : "camera-off"
                    text: Say.t("camera") + " " + Say.t(checked ? "on" : "off")
                    onClicked: Booth.media(!Booth.call.camera, Booth.call.microphone)
                }
                Switch {
                    objectName: "microphoneSwitch"
                    checked: Booth.call.microphone
                    icon_: checked ? "microphone" : "microphone-off"
                    text: Say.t("microphone") + " " + Say.t(checked ? "on-m" : "off-m")
                    onClicked: Booth.media(Booth.call.camera, !Booth.call.microphone)
                }
                BigButton {
                    objectName: "pauseCall"
                    kind: "quiet"
                    pixelSize: Theme.small
                    stacked: true
                    leftPadding: 16
                    rightPadding: 16
                    icon_: "pause"
                    text: Say.t("pause")
                    onClicked: Booth.pause(true)
                }
                BigButton {
                    objectName: "consents"
                    kind: "quiet"
                    icon_: "lock"
                    pixelSize: Theme.small
                    stacked: true
                    leftPadding: 16
                    rightPadding: 16
                    text: Say.t("consents")
                    onClicked: Ui.sheet = "consents"
                }
                Item {
                    Layout.fillWidth: true
                }
                BigButton {
                    objectName: "endConsultation"
                    kind: "stop"
                    pixelSize: Theme.small
                    stacked: true
                    leftPadding: 16
                    rightPadding: 16
                    icon_: "stop"
                    text: Say.t("end")
                    onClicked: Ui.sheet = "end"
                }
            }
        }
        ColumnLayout {
            Layout.minimumWidth: 400
            Layout.maximumWidth: 400
            Layout.fillHeight: true
            spacing: 14
            Results {
                visible: !screen.typing
                Layout.fillWidth: true
                Layout.fillHeight: true
                Layout.preferredHeight: 400
                live: true
            }
            Conversation {
                Layout.fillWidth: true
                Layout.fillHeight: true
                Layout.preferredHeight: 260
            }
        }
    }
    Pad {
        visible: screen.typing
        Layout.fillWidth: true
        onClosed: Ui.done()
    }
}
