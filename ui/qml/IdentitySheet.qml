pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Telecabine

// How far the identity is checked, what the helper has compared it with, and whether the name or a pseudonym is shown.
Sheet {
    panelWidth: 980
    title: Booth.patient
    Txt {
        objectName: "identityStatusLine"
        Layout.fillWidth: true
        text: Booth.identity.status === "" ? "" : Say.t("status-" + Booth.identity.status) + Say.t("colon") + Say.t("status-line-" + Booth.identity.status)
        color: Theme.inkSoft
        font.pixelSize: Theme.lead
    }
    Txt {
        visible: Booth.identity.guardian !== ""
        Layout.fillWidth: true
        text: Booth.identity.guardian === "none" ? Say.t("guardian-alone") : Say.t("guardian-with") + " " + Booth.identity.guardian
        color: Theme.inkSoft
    }
    Txt {
        visible: documents.visible
        text: Say.t("document")
        font.weight: Font.DemiBold
    }
    RowLayout {
        id: documents
        visible: Booth.identity.status === "provisional" || Booth.identity.status === "retrieved"
        spacing: 16
        Repeater {
            model: ["identity-card", "passport", "residence-permit"]
            BigButton {
                required property string modelData
                objectName: "document-" + modelData
                pixelSize: Theme.body
                text: Say.t("document-" + modelData)
                onClicked: Booth.identity.document(modelData)
            }
        }
    }
    Txt {
        text: Say.t("pseudonym")
        font.weight: Font.DemiBold
    }
    RowLayout {
        spacing: 16
        BigButton {
            objectName: "nameReal"
            pixelSize: Theme.body
            checked: !Booth.identity.pseudonym
            text: Say.t("pseudonym-real")
            onClicked: Booth.identity.wantPseudonym(false)
        }
        BigButton {
            objectName: "namePseudonym"
            pixelSize: Theme.body
            checked: Booth.identity.pseudonym
            text: Say.t("pseudonym-ticket")
            onClicked: Booth.identity.wantPseudonym(true)
        }
    }
    Txt {
        Layout.fillWidth: true
        text: Say.t("pseudonym-line")
        color: Theme.inkSoft
    }
    RowLayout {
        Layout.fillWidth: true
        BigButton {
            objectName: "identityCorrect"
            visible: ["stop-list", "guardian", "information", "consent", "measure", "waiting"].includes(Booth.screen)
            kind: "quiet"
            text: Say.t("identity-correct")
            onClicked: Ui.sheet = "correct"
        }
        Item {
            Layout.fillWidth: true
        }
        BigButton {
            objectName: "identityClose"
            kind: "primary"
            text: Say.t("close")
            onClicked: Ui.sheet = ""
        }
    }
}
