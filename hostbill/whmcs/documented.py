"""WHMCS's own documentation of its actions: for each area, a line an action: its name, what it must be sent, and after a semicolon
what it may be sent. Numbered names are spelt out; ``x`` at the end of a name stands for a number."""

AREAS = {
    "Orders": """
    AcceptOrder: orderid; serverid serviceusername servicepassword registrar sendregistrar autosetup sendemail
    AddOrder: clientid paymentmethod; pid qty domain billingcycle domaintype regperiod idnlanguage eppcode nameserver1
        nameserver2 nameserver3 nameserver4 nameserver5 customfields configoptions priceoverride promocode
        promooverride affid noinvoice noinvoiceemail noemail addons addonsqty hostname ns1prefix ns2prefix rootpw
        contactid dnsmanagement domainfields emailforwarding idprotection domainpriceoverride domainrenewoverride
        domainrenewals clientip addonid addonidqty serviceid addonids addonidsqty serviceids servicerenewals
        addonrenewals
    CancelOrder: orderid; cancelsub noemail
    DeleteOrder: orderid
    FraudOrder: orderid; cancelsub
    GetOrderStatuses:
    GetOrders: ; limitstart limitnum id userid requestor_id status
    GetProducts: ; pid gid module
    GetPromotions: ; code
    OrderFraudCheck: orderid; ipaddress
    PendingOrder: orderid
    """,
    "Billing": """
    AcceptQuote: quoteid
    AddBillableItem: clientid description amount unit; quantity invoiceaction recur recurcycle recurfor duedate
    AddCredit: clientid description amount; date adminid type
    AddInvoicePayment: invoiceid transid gateway date; amount fees noemail
    AddPayMethod: clientid; type description gateway_module_name card_number card_expiry card_start card_issue_number
        bank_name bank_account_type bank_code bank_account set_as_default
    AddTransaction: paymentmethod; userid invoiceid transid date currencyid description amountin fees amountout rate
        credit allowduplicatetransid
    ApplyCredit: invoiceid; amount noemail
    CapturePayment: invoiceid; cvv
    CreateInvoice: userid; status draft sendinvoice paymentmethod taxrate taxrate2 date duedate notes itemdescriptionx
        itemamountx itemtaxedx autoapplycredit
    CreateQuote: subject stage validuntil; datecreated lineitems userid firstname lastname companyname email address1
        address2 city state postcode country phonenumber tax_id currency proposal customernotes adminnotes
    DeletePayMethod: clientid paymethodid; failonremotefailure
    DeleteQuote: quoteid
    GenInvoices: ; noemails clientid serviceids domainids addonids
    GetCredits: clientid
    GetInvoice: invoiceid
    GetInvoices: ; limitstart limitnum userid status orderby order
    GetPayMethods: clientid; paymethodid type
    GetQuotes: ; limitstart limitnum quoteid userid subject stage datecreated lastmodified validuntil
    GetTransactions: ; invoiceid clientid transid
    SendQuote: quoteid
    UpdateInvoice: invoiceid; status paymentmethod taxrate taxrate2 credit date duedate datepaid notes itemdescription
        itemamount itemtaxed newitemdescription newitemamount newitemtaxed deletelineids publish publishandsendemail
    UpdatePayMethod: clientid paymethodid; card_number card_expiry card_start card_issue_number bank_name
        bank_account_type bank_code bank_account set_as_default
    UpdateQuote: quoteid; subject stage validuntil datecreated lineitems userid firstname lastname companyname email
        address1 address2 city state country phonenumber tax_id currency proposal customernotes adminnotes
    UpdateTransaction: transactionid; refundid userid invoiceid transid date gateway currency description amountin
        fees amountout rate credit
    """,
    "Module": """
    ActivateModule: moduleType moduleName; parameters
    DeactivateModule: moduleType moduleName; newGateway
    GetModuleConfigurationParameters: moduleType moduleName
    GetModuleQueue: ; relatedId serviceType moduleName moduleAction since
    UpdateModuleConfiguration: moduleType moduleName; parameters
    """,
    "Support": """
    AddAnnouncement: date title announcement; published
    AddCancelRequest: serviceid; type reason
    AddClientNote: userid notes; sticky
    AddTicketNote: message; ticketnum ticketid markdown attachments created
    AddTicketReply: ticketid message; markdown clientid contactid adminusername name email status noemail customfields
        attachments created
    BlockTicketSender: ticketid; delete
    DeleteAnnouncement: announcementid
    DeleteTicket: ticketid
    DeleteTicketNote: noteid
    DeleteTicketReply: ticketid replyid
    GetAnnouncements: ; limitstart limitnum
    MergeTicket: ticketid mergeticketids; newsubject
    OpenTicket: deptid subject message; clientid userid contactid name email priority created serviceid domainid admin
        noemail markdown customfields attachments preventClientClosure
    UpdateTicket: ticketid; deptid status subject userid name email cc priority created flag removeFlag message
        markdown customfields preventClientClosure
    UpdateTicketReply: replyid message; markdown created
    """,
    "System": """
    AddBannedIp: ip reason days; expires
    DecryptPassword: password2
    EncryptPassword: password2
    GetActivityLog: ; limitstart limitnum clientid date user description ipaddress
    GetAdminDetails:
    GetAdminUsers: ; roleid email include_disabled
    GetAutomationLog: ; startdate enddate namespace
    GetConfigurationValue: setting
    GetCurrencies:
    GetEmailTemplates: ; type language
    GetPaymentMethods:
    GetStaffOnline:
    GetStats: ; timeline_days
    GetToDoItemStatuses:
    GetToDoItems: ; limitstart limitnum status
    LogActivity: description; clientid
    SendAdminEmail: ; messagename custommessage customsubject type deptid mergefields
    SendEmail: ; messagename id customtype custommessage customsubject customvars
    SetConfigurationValue: setting value
    TriggerNotificationEvent: ; notification_identifier title message url status statusStyle attributes
    UpdateAdminNotes: notes
    UpdateAnnouncement: announcementid; title announcement date published
    UpdateToDoItem: itemid adminid; status date title description duedate
    WhmcsDetails:
    """,
    "Client": """
    AddClient: firstname lastname email address1 city state postcode country phonenumber; owner_user_id companyname
        address2 tax_id password2 securityqid securityqans currency groupid customfields language clientip notes
        marketingoptin noemail skipvalidation
    AddContact: clientid; firstname lastname companyname email address1 address2 city state postcode country
        phonenumber tax_id email_preferences
    CloseClient: clientid
    DeleteClient: clientid; deleteusers deletetransactions
    DeleteContact: contactid
    GetCancelledPackages: ; limitstart limitnum
    GetClientGroups:
    GetClientPassword: ; userid email
    GetClients: ; limitstart limitnum sorting status search orderby
    GetClientsAddons: ; serviceid clientid addonid
    GetClientsDetails: ; clientid email stats
    GetClientsDomains: ; limitstart limitnum clientid domainid domain
    GetClientsProducts: ; limitstart limitnum clientid serviceid pid domain username2
    GetContacts: ; limitstart limitnum userid firstname lastname companyname email address1 address2 city state
        postcode country phonenumber
    GetEmails: clientid; limitstart limitnum date subject
    UpdateClient: ; clientid clientemail firstname lastname companyname email address1 address2 city state postcode
        country phonenumber tax_id currency groupid customfields language clientip notes status paymentmethod
        email_preferences marketingoptin clearcreditcard skipvalidation latefeeoveride overideduenotices taxexempt
        separateinvoices disableautocc overrideautoclose
    UpdateContact: contactid; firstname lastname companyname email address1 address2 city state postcode country
        phonenumber email_preferences
    """,
    "Products": """
    AddProduct: name gid; slug type stockcontrol qty paytype hidden showdomainoptions tax isFeatured proratabilling
        description shortdescription tagline color welcomeemail proratadate proratachargenextmonth subdomain autosetup
        module servergroupid configoption1 configoption2 configoption3 configoption4 configoption5 configoption6 order
        pricing recommendations ondemandrenewalconfigurationoverride ondemandrenewalsenabled ondemandrenewalperiod
    """,
    "Project Management": """
    AddProjectMessage: projectid message; adminid
    AddProjectTask: projectid duedate; adminid task notes completed billed
    CreateProject: title adminid; userid status created duedate completed ticketids invoiceids
    DeleteProjectTask: projectid taskid
    EndTaskTimer: timerid; projectid adminid end_time
    GetProject: projectid
    GetProjects: ; limitstart limitnum userid title ticketids invoiceids notes adminid status created duedate completed
        lastmodified
    StartTaskTimer: timerid projectid; adminid start_time end_time
    UpdateProject: projectid; adminid userid status created duedate completed title ticketids invoiceids notes
    UpdateProjectTask: taskid; projectid duedate adminid task notes completed
    """,
    "Users": """
    AddUser: firstname lastname email password2; language
    CreateClientInvite: client_id email permissions
    DeleteUserClient: user_id client_id
    GetPermissionsList:
    GetUserPermissions: user_id client_id
    GetUsers: ; limitstart limitnum sorting search
    ResetPassword: ; id email
    UpdateUser: user_id; firstname lastname email language
    UpdateUserPermissions: user_id client_id permissions
    """,
    "Affiliates": """
    AffiliateActivate: userid
    GetAffiliates: ; limitstart limitnum userid visitors paytype payamount onetime balance withdrawn
    """,
    "Authentication": """
    CreateOAuthCredential: grantType scope; name serviceId description logoUri redirectUri
    CreateSsoToken: ; client_id user_id destination service_id domain_id sso_redirect_path
    DeleteOAuthCredential: credentialId
    ListOAuthCredentials: ; grantType sortField sortOrder limit
    UpdateOAuthCredential: credentialId; clientApiIdentifier name description grantType scope serviceId logoUri
        redirectUri resetSecret
    ValidateLogin: email password2
    """,
    "Domains": """
    CreateOrUpdateTLD: extension; id_protection dns_management email_forwarding epp_required auto_registrar group
        currency_code grace_period_days grace_period_fee redemption_period_days redemption_period_fee register renew
        transfer display_after
    DomainGetLockingStatus: domainid
    DomainGetNameservers: domainid
    DomainGetWhoisInfo: domainid
    DomainRegister: ; domainid domain idnlanguage
    DomainRelease: newtag; domainid domain
    DomainRenew: ; domainid domain regperiod
    DomainRequestEPP: domainid
    DomainToggleIdProtect: domainid; idprotect
    DomainTransfer: ; domainid domain eppcode
    DomainUpdateLockingStatus: domainid; lockstatus
    DomainUpdateNameservers: ns1 ns2; domainid domain ns3 ns4 ns5
    DomainUpdateWhoisInfo: domainid xml
    DomainWhois: domain
    GetRegistrars:
    GetTLDPricing: ; currencyid clientid
    UpdateClientDomain: domainid; dnsmanagement emailforwarding idprotection donotrenew type regdate nextduedate
        expirydate domain firstpaymentamount recurringamount registrar regperiod paymentmethod subscriptionid status
        notes promoid autorecalc updatens ns1 ns2 ns3 ns4 ns5
    """,
    "Servers": """
    GetHealthStatus: ; fetchStatus
    GetServers: ; serviceId addonId fetchStatus
    """,
    "Tickets": """
    GetSupportDepartments: ; ignore_dept_assignments
    GetSupportStatuses: ; deptid
    GetTicket: ; ticketnum ticketid repliessort
    GetTicketAttachment: relatedid type index
    GetTicketCounts: ; ignoreDepartmentAssignments includeCountsByStatus
    GetTicketNotes: ticketid
    GetTicketPredefinedCats:
    GetTicketPredefinedReplies: ; catid
    GetTickets: ; limitstart limitnum deptid clientid email status subject ignore_dept_assignments
    """,
    "Service": """
    ModuleChangePackage: serviceid
    ModuleChangePw: serviceid; servicepassword
    ModuleCreate: serviceid
    ModuleCustom: serviceid func_name
    ModuleSuspend: serviceid; suspendreason
    ModuleTerminate: serviceid
    ModuleUnsuspend: serviceid
    UpdateClientProduct: serviceid; pid serverid regdate nextduedate terminationdate domain firstpaymentamount
        recurringamount paymentmethod billingcycle subscriptionid status notes serviceusername servicepassword
        overideautosuspend overidesuspenduntil ns1 ns2 dedicatedip assignedips diskusage disklimit bwusage bwlimit
        suspendreason promoid unset autorecalc customfields configoptions
    UpgradeProduct: serviceid paymentmethod type; calconly newproductid newproductbillingcycle promocode configoptions
    """,
    "Addons": """
    UpdateClientAddon: id; status addonid name setupfee recurring billingcycle nextduedate terminationdate notes
        autorecalc
    """,
}
