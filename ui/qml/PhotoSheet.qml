pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Telecabine

// This very photograph: may it go to the specialist? Without a yes it is erased.
Sheet {
    id: sheet
    property string site: ""
    panelWidth: 1200
    title: Say.t("photo-question")
    onVisibleChanged: site = ""
    RowLayout {
        Layout.fillWidth: true
        spacing: 32
        OwnPicture {
            Layout.preferredWidth: 640
            Layout.preferredHeight: 480
        }
        ColumnLayout {
            Layout.fillWidth: true
            spacing: 12
            Txt {
                Layout.fillWidth: true
                text: Say.t("photo-only-here")
                font.pixelSize: Theme.body
            }
            Txt {
                Layout.fillWidth: true
                text: Say.t("photo-site")
                font.weight: Font.DemiBold
            }
            Flow {
                Layout.fillWidth: true
                spacing: 10
                Repeater {
                    model: Booth.exam.sites
                    BigButton {
                        required property string modelData
                        objectName: "site-" + modelData
                        tall: Theme.targetSmall
                        pixelSize: Theme.small
                        leftPadding: 16
                        rightPadding: 16
                        checked: sheet.site === modelData
                        text: Say.t("site-" + modelData)
                        Accessible.role: Accessible.RadioButton
                        Accessible.checked: checked
                        onClicked: sheet.site = sheet.site === modelData ? "" : modelData
                    }
                }
            }
            Item {
                Layout.fillHeight: true
            }
            BigButton {
                objectName: "photoSend"
                Layout.fillWidth: true
                kind: "primary"
                icon_: "send"
                text: Say.t("photo-send")
                onClicked: Booth.exam.sendPhoto(true, sheet.site)
            }
            BigButton {
                objectName: "photoRefuse"
                Layout.fillWidth: true
                kind: "quiet"
                icon_: "erase"
                text: Say.t("photo-refuse")
                onClicked: Booth.exam.sendPhoto(false, "")
            }
        }
    }
}
