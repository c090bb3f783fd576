pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Telecabine

// Picture, sound and line before the call: on this screen only. The outline is a help: no face is recognised.
Sheet {
    panelWidth: 1200
    title: Say.t("room-check")
    RowLayout {
        Layout.fillWidth: true
        spacing: 32
        ColumnLayout {
            Layout.minimumWidth: 600
            Layout.maximumWidth: 600
            Layout.alignment: Qt.AlignTop
            spacing: 14
            OwnPicture {
                Layout.fillWidth: true
                Layout.preferredHeight: Booth.exam.network.says === "" ? 375 : 320
                mirrored: true
                outline: true
            }
            NetworkLine {
                Layout.fillWidth: true
                whole: true
            }
        }
        ColumnLayout {
            Layout.fillWidth: true
            Layout.alignment: Qt.AlignTop
            spacing: 14
            RowLayout {
                spacing: 12
                Icon {
                    Layout.alignment: Qt.AlignTop
                    name: "lock"
                    ink: Theme.accent
                }
                Txt {
                    objectName: "roomSeen"
                    Layout.fillWidth: true
                    text: Say.t("room-only-here")
                    font.pixelSize: Theme.small
                }
            }
            Repeater {
                model: Booth.exam.checks
                RowLayout {
                    id: line
                    required property var modelData
                    objectName: "check-" + modelData.what
                    readonly property string text: words.text
                    Layout.fillWidth: true
                    spacing: 12
                    Icon {
                        Layout.alignment: Qt.AlignTop
                        name: line.modelData.good ? "check" : "info"
                        ink: line.modelData.good ? Theme.good : Theme.accent
                    }
                    ColumnLayout {
                        Layout.fillWidth: true
                        spacing: 0
                        Txt {
                            id: words
                            Layout.fillWidth: true
                            text: Say.what("check-" + line.modelData.says)
                            font.weight: Font.Bold
                        }
                        Txt {
                            visible: text !== ""
                            Layout.fillWidth: true
                            text: Say.todo("check-" + line.modelData.says)
                            font.pixelSize: Theme.small
                            color: Theme.inkSoft
                        }
                    }
                }
            }
            RowLayout {
                Layout.fillWidth: true
                spacing: 12
                Icon {
                    name: "microphone"
                    ink: Theme.inkSoft
                }
                Rectangle {
                    objectName: "level"
                    readonly property string text: Booth.exam.level < 0 ? "" : Math.round(Booth.exam.level * 100) + " %"
                    Layout.fillWidth: true
                    implicitHeight: 18
                    radius: 9
                    color: Theme.line
                    Rectangle {
                        width: Math.max(0, Booth.exam.level) * parent.width
                        height: parent.height
                        radius: 9
                        color: Theme.accent
                    }
                    Accessible.role: Accessible.ProgressBar
                    Accessible.name: Say.t("level")
                }
            }
            Txt {
                Layout.fillWidth: true
                text: Say.t("room-outline")
                font.pixelSize: Theme.small
                color: Theme.inkSoft
            }
        }
    }
    RowLayout {
        Layout.fillWidth: true
        BigButton {
            objectName: "networkAgain"
            tall: Theme.targetSmall
            pixelSize: Theme.body
            kind: "quiet"
            enabled: !Booth.exam.network.running
            text: Say.t("network-again")
            onClicked: Booth.exam.testNetwork()
        }
        Item {
            Layout.fillWidth: true
        }
        BigButton {
            objectName: "roomClose"
            tall: Theme.targetSmall
            pixelSize: Theme.body
            kind: "primary"
            icon_: "check"
            text: Say.t("room-close")
            onClicked: Booth.exam.check(false)
        }
    }
}
